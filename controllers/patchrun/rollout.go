package patchrun

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// rollout gives the workloads the patched image, one after another: the next is touched only when the one before is
// healthy. The spec has held what they ran before since the run was created.
func (r *Reconciler) rollout(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	if err := r.hold(ctx, run); err != nil {
		return outcome{}, err
	}
	for _, target := range run.Spec.Workloads {
		status := statusOf(run, target)
		if ended(status.State) {
			continue
		}
		out, err := r.bring(ctx, run, target, status)
		if err != nil && untouched(status.State) {
			r.refused(status, err)
		}
		if err != nil || !out.done {
			r.tellRollout(run, status)
			return out, err
		}
	}
	return r.rolledOut(run), nil
}

// ended tells whether there is nothing left to do for a workload.
func ended(state respinv1alpha1.WorkloadState) bool {
	return state == respinv1alpha1.WorkloadHealthy || state == respinv1alpha1.WorkloadSkipped
}

// untouched tells whether a workload was not given the patched image yet, as far as is known.
func untouched(state respinv1alpha1.WorkloadState) bool {
	return state == "" || state == respinv1alpha1.WorkloadUpdating
}

// bring takes one workload a step further.
func (r *Reconciler) bring(ctx context.Context, run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	w, err := r.find(ctx, run, target)
	switch {
	case err != nil:
		return outcome{}, err
	case w == nil:
		return r.skip(status, "it was deleted"), nil
	case has(*w, patched(run, target)):
		return r.watch(ctx, run, *w, target, status)
	case !has(*w, previous(target)):
		return r.skip(status, "someone changed its image; it is looked at again as it is now"), nil
	case !untouched(status.State):
		return r.skip(status, "someone put its previous image back"), nil
	case !run.DeletionTimestamp.IsZero():
		return r.skip(status, "the run was deleted before it was touched"), nil
	}
	return r.give(ctx, run, *w, target, status)
}

// give sets the patched image in a workload that has its previous one.
func (r *Reconciler) give(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	if err := rollout.SetImages(ctx, r.Client, w, patched(run, target)); err != nil {
		return outcome{}, err
	}
	r.tellWorkload(run, w, respinv1alpha1.ReasonUpdated, "Update", "given the patched image "+run.Status.Output.Image)
	r.mark(status, respinv1alpha1.WorkloadUpdated, "given the patched image")
	return outcome{}, nil
}

// refused tells of a workload that could not be given the patched image; it is tried again. Where it says what it said
// before, nothing changes, so that nothing is written.
func (r *Reconciler) refused(status *respinv1alpha1.WorkloadStatus, err error) {
	message := plan.Clip(err.Error(), maxWorkloadMessage)
	if status.State != respinv1alpha1.WorkloadUpdating || status.Message != message {
		r.mark(status, respinv1alpha1.WorkloadUpdating, message)
	}
}

// watch judges a workload that has the patched image in its template.
func (r *Reconciler) watch(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	if untouched(status.State) { // given by an earlier start of this run
		r.mark(status, respinv1alpha1.WorkloadUpdated, "given the patched image")
	}
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return outcome{}, err
	}
	facts := rollout.Facts{Workload: w, Pods: pods, Images: patched(run, target), Since: status.Since.Time, Now: r.Now()}
	health := rollout.Judge(facts, run.Spec.Rollout.HealthTimeout.Duration)
	status.Message = plan.Clip(health.Message, maxWorkloadMessage)
	switch health.Verdict {
	case rollout.Healthy:
		r.mark(status, respinv1alpha1.WorkloadHealthy, health.Message)
		return done, nil
	case rollout.Unhealthy:
		r.mark(status, respinv1alpha1.WorkloadUnhealthy, health.Message)
		r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, health.Reason,
			fmt.Sprintf("%s: %s", rollout.Label(target.Kind, target.Name), health.Message))
		return outcome{}, nil
	}
	return outcome{after: health.After}, nil
}

// rolledOut closes the rollout: well, unless there was nothing left to bring the image to.
func (r *Reconciler) rolledOut(run *respinv1alpha1.PatchRun) outcome {
	skipped := 0
	for _, status := range run.Status.Workloads {
		if status.State == respinv1alpha1.WorkloadSkipped {
			skipped++
		}
	}
	if skipped == len(run.Spec.Workloads) {
		message := fmt.Sprintf("no workload was left to update; %s: %s",
			rollout.Label(run.Status.Workloads[0].Kind, run.Status.Workloads[0].Name), run.Status.Workloads[0].Message)
		return r.fail(run, respinv1alpha1.ConditionRolledOut, respinv1alpha1.ReasonNothingToUpdate, message)
	}
	updated := len(run.Spec.Workloads) - skipped
	r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, respinv1alpha1.ReasonUpdated,
		fmt.Sprintf("%d of %d workloads have %s", updated, len(run.Spec.Workloads), run.Status.Output.Image))
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionTrue, respinv1alpha1.ReasonHealthy,
		fmt.Sprintf("%d of %d workloads are healthy on it", updated, len(run.Spec.Workloads)))
	return done
}

// tellRollout puts into the conditions how far the rollout is, while it is under way.
func (r *Reconciler) tellRollout(run *respinv1alpha1.PatchRun, at *respinv1alpha1.WorkloadStatus) {
	message := fmt.Sprintf("%s: %s", rollout.Label(at.Kind, at.Name), at.Message)
	position := len(run.Status.Workloads)
	if position == len(run.Spec.Workloads) && !untouched(at.State) {
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, respinv1alpha1.ReasonUpdated,
			"every workload has the patched image")
	} else {
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, respinv1alpha1.ReasonUpdating,
			fmt.Sprintf("workload %d of %d", position, len(run.Spec.Workloads)))
	}
	if !conditionIsFalse(run, respinv1alpha1.ConditionHealthy) {
		r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionUnknown, respinv1alpha1.ReasonWaiting, message)
	}
}

// find reads a target past the cache; it is nil if it is gone, or is another object of the same name.
func (r *Reconciler) find(ctx context.Context, run *respinv1alpha1.PatchRun,
	target respinv1alpha1.WorkloadTarget) (*rollout.Workload, error) {
	w, err := rollout.Get(ctx, r.Live, target.Kind, client.ObjectKey{Namespace: run.Namespace, Name: target.Name})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", rollout.Label(target.Kind, target.Name), err)
	}
	if w.Object.GetUID() != target.UID || !w.Object.GetDeletionTimestamp().IsZero() {
		return nil, nil
	}
	return &w, nil
}
