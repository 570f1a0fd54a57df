package patchrun

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// watch judges a workload that has the patched image in its template: whether it comes up, and then whether it stays up.
func (r *Reconciler) watch(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (outcome, error) {
	if !given(status.State) { // by an earlier start of this run, or by someone else
		r.mark(status, respinv1alpha1.WorkloadUpdated, respinv1alpha1.ReasonWaiting, "given the patched image")
	}
	facts, err := r.healthFacts(ctx, run, w, target, status)
	if err != nil {
		return outcome{}, err
	}
	bakeTime := plan.BakeTime(run)
	if status.State == respinv1alpha1.WorkloadBaking {
		return r.judged(ctx, run, target, status, rollout.Bake(facts, bakeTime)), nil
	}
	health := rollout.Judge(facts, run.Spec.Rollout.HealthTimeout.Duration)
	if health.Verdict == rollout.Healthy && bakeTime > 0 {
		r.mark(status, respinv1alpha1.WorkloadBaking, respinv1alpha1.ReasonBaking, "")
		facts.Since = status.Since.Time
		health = rollout.Bake(facts, bakeTime)
	}
	return r.judged(ctx, run, target, status, health), nil
}

func (r *Reconciler) healthFacts(ctx context.Context, run *respinv1alpha1.PatchRun, w rollout.Workload,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) (rollout.Facts, error) {
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return rollout.Facts{}, err
	}
	jobs, err := rollout.Jobs(ctx, r.Client, w)
	if err != nil {
		return rollout.Facts{}, err
	}
	return rollout.Facts{Workload: w, Pods: pods, Jobs: jobs, Images: patched(run, target), Since: status.Since.Time, Now: r.Now()}, nil
}

// judged writes a workload's health into its status; that it is not healthy into the run's conditions, too, with the
// last words of the container that failed.
func (r *Reconciler) judged(ctx context.Context, run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus, health rollout.Health) outcome {
	switch health.Verdict {
	case rollout.Healthy:
		r.mark(status, respinv1alpha1.WorkloadHealthy, health.Reason, health.Message)
	case rollout.Unhealthy:
		r.unhealthy(run, target, status, health.Reason, health.Message+r.lastWords(ctx, health.Culprit))
	default:
		status.Reason, status.Message = health.Reason, plan.Clip(health.Message, maxWorkloadMessage)
	}
	return outcome{after: health.After}
}

// unhealthy decides that a workload is to be taken back.
func (r *Reconciler) unhealthy(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus, reason, message string) {
	r.mark(status, respinv1alpha1.WorkloadUnhealthy, reason, message)
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, reason,
		fmt.Sprintf("%s: %s", rollout.Label(target.Kind, target.Name), message))
}

// lastWords are what a container wrote before it ended, for a person who asks why.
func (r *Reconciler) lastWords(ctx context.Context, culprit *rollout.Culprit) string {
	if culprit == nil {
		return ""
	}
	words := rollout.LastWords(ctx, r.Logs, culprit.Pod, culprit.Container, culprit.Init)
	if words == "" {
		return ""
	}
	return "; its last words:\n" + words
}

// reverted leaves a workload to whoever put its previous image back.
func (r *Reconciler) reverted(status *respinv1alpha1.WorkloadStatus) {
	reason, who := respinv1alpha1.ReasonReverted, "someone"
	if status.ManagedBy != "" {
		reason, who = respinv1alpha1.ReasonGitOpsConflict, status.ManagedBy
	}
	r.mark(status, respinv1alpha1.WorkloadReverted, reason, who+" put its previous image back")
}
