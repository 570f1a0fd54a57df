package patchrun

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// look is one look at a run's workloads, with what it takes to decide about them.
type look struct {
	run *respinv1alpha1.PatchRun
	// policy is nil when it is gone.
	policy *respinv1alpha1.PatchPolicy
	// runs are the policy's.
	runs []respinv1alpha1.PatchRun
}

// rollout gives the workloads the patched image, each when it may have it, and watches those that do. The spec has held
// what they ran before since the run was created.
func (r *Reconciler) rollout(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	at, err := r.look(ctx, run)
	if err != nil {
		return outcome{}, err
	}
	bring := r.bring
	if run.Spec.Rollout.Type == respinv1alpha1.OnRestart {
		bring = r.open
	}
	var next outcome
	var failures []error
	for _, target := range run.Spec.Workloads {
		if state := statusOf(run, target).State; ended(state) {
			continue
		}
		out, err := bring(ctx, at, target, statusOf(run, target))
		failures, next = append(failures, err), next.or(out)
		if foundUnhealthy(run) {
			break // it is written down first, and then taken back
		}
	}
	if err := errors.Join(failures...); err != nil || !r.over(run) {
		r.tellRollout(run)
		return next, err
	}
	return r.rolledOut(run), nil
}

// look gathers what is decided by.
func (r *Reconciler) look(ctx context.Context, run *respinv1alpha1.PatchRun) (look, error) {
	policy, err := r.policy(ctx, run)
	if err != nil {
		return look{}, err
	}
	var list respinv1alpha1.PatchRunList
	if err := r.List(ctx, &list, client.InNamespace(run.Namespace)); err != nil {
		return look{}, fmt.Errorf("listing runs in %s: %w", run.Namespace, err)
	}
	at := look{run: run, policy: policy}
	for i := range list.Items {
		if list.Items[i].Spec.Policy.UID == run.Spec.Policy.UID && list.Items[i].UID != run.UID {
			at.runs = append(at.runs, list.Items[i])
		}
	}
	at.runs = append(at.runs, *run) // as it is now, with what this look has changed
	return at, nil
}

// over tells whether there is nothing left to do for any workload.
func (r *Reconciler) over(run *respinv1alpha1.PatchRun) bool {
	for _, target := range run.Spec.Workloads {
		if !ended(statusOf(run, target).State) {
			return false
		}
	}
	return true
}

// ended tells whether there is nothing left to do for a workload.
func ended(state respinv1alpha1.WorkloadState) bool {
	switch state {
	case respinv1alpha1.WorkloadHealthy, respinv1alpha1.WorkloadSkipped, respinv1alpha1.WorkloadReverted:
		return true
	}
	return false
}

// given tells whether a workload was given the patched image, as far as is known.
func given(state respinv1alpha1.WorkloadState) bool {
	return state == respinv1alpha1.WorkloadUpdated || state == respinv1alpha1.WorkloadBaking
}

// bring takes one workload a step further.
func (r *Reconciler) bring(ctx context.Context, at look, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	run := at.run
	w, err := r.find(ctx, run, target)
	switch {
	case err != nil:
		return outcome{}, err
	case w != nil && has(*w, patched(run, target)):
		return r.watch(ctx, run, *w, target, status)
	case lost(w, target) != "":
		r.skip(status, lost(w, target))
		return outcome{}, nil
	case given(status.State):
		r.reverted(status)
		return outcome{}, nil
	case status.State == respinv1alpha1.WorkloadUpdating:
		return r.resume(ctx, run, *w, target, status)
	}
	return r.start(ctx, at, *w, target, status)
}

// resume gives a workload the patched image whose turn was taken before. A cache that lags may show a turn that is over,
// and a workload that has its previous image since: the run is read past it.
func (r *Reconciler) resume(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	var live respinv1alpha1.PatchRun
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(run), &live); err != nil {
		return outcome{}, fmt.Errorf("reading patchrun %s: %w", client.ObjectKeyFromObject(run), err)
	}
	if live.UID != run.UID || live.ResourceVersion != run.ResourceVersion {
		return outcome{after: staleDelay}, nil
	}
	return r.give(ctx, run, w, target, status)
}

// lost says why a workload is not the one any more that the run is for; empty if it is.
func lost(w *rollout.Workload, target respinv1alpha1.WorkloadTarget) string {
	switch {
	case w == nil:
		return "it was deleted"
	case !has(*w, previous(target)):
		return "someone changed its image; it is looked at again as it is now"
	}
	return ""
}

// start gives a workload the patched image if it may have it now.
func (r *Reconciler) start(ctx context.Context, at look, w rollout.Workload, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	if gone := at.gone(); gone != "" {
		r.skip(status, gone)
		return outcome{}, nil
	}
	facts, err := r.startFacts(ctx, at, w, target)
	if err != nil {
		return outcome{}, err
	}
	wait := plan.MayStart(facts)
	if wait == nil {
		noteOwner(w, target, status) // once the image is ours, only labels may tell whose it was
		wait, err = r.take(ctx, at.run, target, status)
	}
	if err != nil {
		return outcome{}, err
	}
	if wait != nil {
		return r.wait(status, *wait), nil
	}
	return r.give(ctx, at.run, w, target, status)
}

// gone says that there is nobody any more for whom a workload would be given the image.
func (at look) gone() string {
	switch {
	case !at.run.DeletionTimestamp.IsZero():
		return "the run was deleted before it was touched"
	case at.policy == nil:
		return "the policy was deleted before it was touched"
	}
	return ""
}

func (r *Reconciler) startFacts(ctx context.Context, at look, w rollout.Workload, target respinv1alpha1.WorkloadTarget) (plan.Start, error) {
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return plan.Start{}, err
	}
	protected, err := rollout.Protected(ctx, r.Client, w)
	if err != nil {
		return plan.Start{}, err
	}
	return plan.Start{
		Policy: at.policy, Run: at.run, Target: target, Runs: at.runs, Now: r.Now(),
		Paused: w.Paused, Protected: protected, Sick: rollout.Sick(w, pods, previous(target)),
	}, nil
}

// lookAgain is how often something that waits is looked at again, beside what watches and clocks tell.
const lookAgain = 30 * time.Second

// wait says what a workload waits for. Where it is what was waited for before, nothing changes, so that nothing is
// written.
func (r *Reconciler) wait(status *respinv1alpha1.WorkloadStatus, wait plan.Wait) outcome {
	message := plan.Clip(wait.Message, maxWorkloadMessage)
	if status.State != respinv1alpha1.WorkloadWaiting || status.Reason != wait.Reason || status.Message != message {
		r.mark(status, respinv1alpha1.WorkloadWaiting, wait.Reason, message)
	}
	if wait.Until.IsZero() {
		return outcome{after: lookAgain}
	}
	return outcome{after: max(wait.Until.Sub(r.Now()), time.Second)}
}

// give sets the patched image in a workload that has its previous one, and its turn.
func (r *Reconciler) give(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	err := rollout.SetImages(ctx, r.Client, w, patched(run, target))
	if refusal(err) {
		return r.refused(run, target, status, err), nil
	}
	if err != nil {
		return outcome{}, err
	}
	r.tellWorkload(run, w, respinv1alpha1.ReasonUpdated, "Update", "given the patched image "+run.Status.Output.Image)
	r.mark(status, respinv1alpha1.WorkloadUpdated, respinv1alpha1.ReasonWaiting, "given the patched image")
	return outcome{}, nil
}

// noteOwner tells which GitOps controller sets a workload's image. It is written down with the workload's turn.
func noteOwner(w rollout.Workload, target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) {
	if owner, managed := rollout.ImageOwner(w, previous(target)); managed {
		status.ManagedBy = plan.Clip(owner.String(), maxManagedBy)
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
