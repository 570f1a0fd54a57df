package patchrun

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// errStalePod tells that a pod is not what the cache showed; it is looked at again.
var errStalePod = errors.New("a pod is not any more what it was when it was read; it is looked at again")

// askedBack has a run that succeeded be taken back, since a person asked for it.
func (r *Reconciler) askedBack(run *respinv1alpha1.PatchRun) {
	status := &run.Status
	status.LastHandledRollback = plan.AskedRollback(run)
	status.CompletionTime, status.Duration = nil, ""
	meta.RemoveStatusCondition(&status.Conditions, respinv1alpha1.ConditionSucceeded)
	const why = "a person asked for the previous image back"
	for i := range status.Workloads {
		if w := &status.Workloads[i]; w.State == respinv1alpha1.WorkloadHealthy {
			r.mark(w, respinv1alpha1.WorkloadUnhealthy, respinv1alpha1.ReasonRollbackAsked, why)
		}
	}
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, respinv1alpha1.ReasonRollbackAsked, why)
}

// rollback puts the previous image back into the workloads that have the patched one and were not found healthy on it,
// and closes the run. Workloads that are healthy keep it; those that were not reached are not touched.
func (r *Reconciler) rollback(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	why := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionHealthy)
	if keepsFailed(run) && why.Reason != respinv1alpha1.ReasonRollbackAsked {
		r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, why.Reason,
			why.Message+"; the patched image was left in place, since rollout.rollback is false")
		return outcome{}, nil
	}
	if err := r.hold(ctx, run); err != nil {
		return outcome{}, err
	}
	for _, target := range run.Spec.Workloads {
		status := statusOf(run, target)
		if !takenBack(status.State) {
			continue
		}
		if err := r.takeBack(ctx, run, target, status); err != nil {
			r.set(run, respinv1alpha1.ConditionRolledBack, metav1.ConditionUnknown, respinv1alpha1.ReasonRollingBack,
				fmt.Sprintf("%s; its previous image could not be put back yet: %v", why.Message, err))
			if errors.Is(err, errStalePod) {
				return outcome{after: staleAfter}, nil
			}
			return outcome{}, err
		}
	}
	r.tookBack(run, why)
	return outcome{}, nil
}

func keepsFailed(run *respinv1alpha1.PatchRun) bool {
	return run.Spec.Rollout.Rollback != nil && !*run.Spec.Rollout.Rollback
}

// takenBack tells whether a workload in this state is taken back when its run fails.
func takenBack(state respinv1alpha1.WorkloadState) bool {
	switch state {
	case respinv1alpha1.WorkloadUpdating, respinv1alpha1.WorkloadOpen, respinv1alpha1.WorkloadUnhealthy:
		return true
	}
	return given(state)
}

// tookBack closes a run after its workloads were given their previous image back, or were found to be someone else's.
func (r *Reconciler) tookBack(run *respinv1alpha1.PatchRun, why *metav1.Condition) {
	reason, message := why.Reason, why.Message
	meta.RemoveStatusCondition(&run.Status.Conditions, respinv1alpha1.ConditionRolledBack)
	for i := range run.Status.Workloads {
		w := &run.Status.Workloads[i]
		if w.State != respinv1alpha1.WorkloadRolledBack {
			continue
		}
		reason = respinv1alpha1.ReasonRolledBack
		message += fmt.Sprintf("; %s: %s", rollout.Label(w.Kind, w.Name), w.Message)
	}
	if reason == respinv1alpha1.ReasonRolledBack {
		r.set(run, respinv1alpha1.ConditionRolledBack, metav1.ConditionTrue, reason, message)
	}
	r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, reason, message)
	r.leaveUntouched(run)
}

// leaveUntouched tells of the workloads that a failed run did not come to.
func (r *Reconciler) leaveUntouched(run *respinv1alpha1.PatchRun) {
	for _, target := range run.Spec.Workloads {
		status := statusOf(run, target)
		if status.State != "" && status.State != respinv1alpha1.WorkloadWaiting {
			continue
		}
		reason := respinv1alpha1.ReasonNothingToUpdate
		if status.Reason == respinv1alpha1.ReasonWaitingForWave {
			reason = respinv1alpha1.ReasonWaveFailed
		}
		r.mark(status, respinv1alpha1.WorkloadSkipped, reason, "it was not touched, since another workload was not healthy on the patched image")
	}
}

// takeBack puts the previous image back, if the patched one is still in the template: what someone else put there
// since is theirs. Where pods are patched on restart the template has it still.
func (r *Reconciler) takeBack(ctx context.Context, run *respinv1alpha1.PatchRun,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) error {
	w, err := r.find(ctx, run, target)
	switch {
	case err != nil:
		return err
	case w == nil:
		r.skip(status, "it was deleted meanwhile")
		return nil
	case has(*w, previous(target)): // put back by an earlier start of this run, or by a person, or never taken
	case !has(*w, patched(run, target)):
		r.skip(status, "someone changed its image meanwhile; it was left as it is")
		return nil
	default:
		if err := rollout.SetImages(ctx, r.Client, *w, previous(target)); err != nil {
			return err
		}
		r.tellWorkload(run, *w, respinv1alpha1.ReasonRolledBack, "Rollback", "given its previous image back: "+status.Message)
	}
	if err := r.takePodsBack(ctx, run, *w, target); err != nil {
		return err
	}
	message := "its previous image was put back"
	if run.Spec.Rollout.Type == respinv1alpha1.OnRestart {
		message = "its pods get the previous image as they start; those that have run well on the patched one keep it until then"
	}
	r.mark(status, respinv1alpha1.WorkloadRolledBack, respinv1alpha1.ReasonRolledBack, message)
	return nil
}

// takePodsBack gives pods their previous image in place where their template's does not reach them. A StatefulSet waits
// for a broken pod to become ready before it replaces it, for ever: see "Forced rollback" in Kubernetes' documentation.
func (r *Reconciler) takePodsBack(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload, target respinv1alpha1.WorkloadTarget) error {
	switch {
	case run.Spec.Rollout.Type == respinv1alpha1.OnRestart:
		return r.swapBack(ctx, run, w, target)
	case w.Kind == respinv1alpha1.KindStatefulSet:
		return r.unblock(ctx, run, w, target)
	}
	return nil
}

// unblock gives the pods of a StatefulSet that are not ready on the patched image their previous one.
func (r *Reconciler) unblock(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload, target respinv1alpha1.WorkloadTarget) error {
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return err
	}
	for i := range pods {
		if rollout.Ready(&pods[i]) {
			continue
		}
		if err := r.putBack(ctx, run, &pods[i], target); err != nil {
			return err
		}
	}
	return nil
}
