package patchrun

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/restart"
	"github.com/respin-dev/respin/internal/rollout"
)

// open takes a workload a step further that is patched on restart. Nothing is disturbed and no template changes: once a
// workload is open, its pods get the patched image as they start, and its containers as they come back. What is left to
// do here is to watch how they fare.
func (r *Reconciler) open(ctx context.Context, at look, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	w, err := r.find(ctx, at.run, target)
	if err != nil {
		return outcome{}, err
	}
	opened := status.State == respinv1alpha1.WorkloadOpen
	if why := at.closed(w, target, opened); why != "" {
		r.skip(status, why)
		return outcome{}, nil
	}
	if opened {
		return r.fares(ctx, at.run, *w, target, status)
	}
	facts := plan.Start{Policy: at.policy, Run: at.run, Target: target, Runs: at.runs, Now: r.Now()}
	if wait := plan.MayStart(facts); wait != nil {
		return r.wait(status, *wait), nil
	}
	r.mark(status, respinv1alpha1.WorkloadOpen, respinv1alpha1.ReasonPatchingOnRestart, "its pods get the patched image as they start")
	return r.fares(ctx, at.run, *w, target, status)
}

// closed says why a workload is not to be open any more, or not to be opened; empty if it is.
func (at look) closed(w *rollout.Workload, target respinv1alpha1.WorkloadTarget, opened bool) string {
	if why := lost(w, target); why != "" {
		return why
	}
	if newer := at.newer(target); newer != "" {
		return fmt.Sprintf("patchrun/%s patches it on restart with a newer image", newer)
	}
	if opened {
		return ""
	}
	return at.gone()
}

// newer is a run that is open for the workload with a newer image; empty while there is none.
func (at look) newer(target respinv1alpha1.WorkloadTarget) string {
	for i := range at.runs {
		run := &at.runs[i]
		if run.UID == at.run.UID || run.CreationTimestamp.Before(&at.run.CreationTimestamp) || run.CreationTimestamp.Equal(&at.run.CreationTimestamp) {
			continue
		}
		same := func(t respinv1alpha1.WorkloadTarget) bool {
			return t.UID == target.UID && slices.Equal(t.Containers, target.Containers) && restart.Active(run, t)
		}
		if slices.ContainsFunc(run.Spec.Workloads, same) {
			return run.Name
		}
	}
	return ""
}

// fares judges how the pods of a workload fare on the patched image, and counts them.
func (r *Reconciler) fares(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return outcome{}, err
	}
	verdict := restart.Judge(pods, patched(run, target), r.Now(), r.limits(run))
	status.Pods, status.PatchedPods = verdict.Pods, verdict.PatchedPods
	switch {
	case verdict.Failed != nil:
		culprit := culpritIn(pods, verdict.Failed)
		r.unhealthy(run, target, status, respinv1alpha1.ReasonUnhealthy, fmt.Sprintf("container %s of pod %s: %s%s",
			verdict.Failed.Container, verdict.Failed.Pod, verdict.Failed.Message, r.lastWords(ctx, culprit)))
	case verdict.Baked:
		r.mark(status, respinv1alpha1.WorkloadHealthy, respinv1alpha1.ReasonHealthy, fmt.Sprintf("all of its %d pods run the patched image", verdict.Pods))
	default:
		status.Message = fmt.Sprintf("%d of %d pods run the patched image; the others get it as they restart", verdict.PatchedPods, verdict.Pods)
	}
	return outcome{after: verdict.Next}, nil
}

func (r *Reconciler) limits(run *respinv1alpha1.PatchRun) restart.Limits {
	return restart.Limits{Bake: plan.BakeTime(run), Health: run.Spec.Rollout.HealthTimeout.Duration}
}

func culpritIn(pods []corev1.Pod, failed *restart.Failure) *rollout.Culprit {
	at := slices.IndexFunc(pods, func(pod corev1.Pod) bool { return pod.Name == failed.Pod })
	if at < 0 {
		return nil
	}
	return &rollout.Culprit{Pod: &pods[at], Container: failed.Container, Init: failed.Init}
}

// swapBack gives the previous image back to a workload's pods that have yet to prove themselves on the patched one: their
// template has it still. Those that have run well on it for long enough are not disturbed.
func (r *Reconciler) swapBack(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget) error {
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return err
	}
	for i := range pods {
		alone := restart.Judge(pods[i:i+1], patched(run, target), r.Now(), r.limits(run))
		if alone.Baked {
			continue
		}
		if err := r.putBack(ctx, run, &pods[i], target); err != nil {
			return err
		}
	}
	return nil
}

// putBack gives the containers of a pod that have the patched image their previous one in place.
func (r *Reconciler) putBack(ctx context.Context, run *respinv1alpha1.PatchRun, pod *corev1.Pod, target respinv1alpha1.WorkloadTarget) error {
	due := restart.SwapBack(pod, patched(run, target), previous(target), run.Name)
	if len(due) == 0 {
		return nil
	}
	done, err := restart.ReplaceImages(ctx, r.Client, pod, due)
	if err != nil {
		return err
	}
	if !done { // the cache is yet to show what the pod is now
		return errStalePod
	}
	return nil
}

// staleAfter is in how long a pod is looked at again that was not what the cache had shown.
const staleAfter = time.Second
