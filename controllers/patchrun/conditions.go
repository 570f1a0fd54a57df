package patchrun

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// maxMessage is how many bytes of a condition's message are kept; the API takes 32 KiB.
const maxMessage = 4096

func (r *Reconciler) set(run *respinv1alpha1.PatchRun, kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&run.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: plan.Clip(message, maxMessage),
		ObservedGeneration: run.Generation, LastTransitionTime: metav1.NewTime(r.Now()),
	})
}

// foundUnhealthy tells whether it is decided that a workload is to be taken back.
func foundUnhealthy(run *respinv1alpha1.PatchRun) bool {
	return meta.IsStatusConditionFalse(run.Status.Conditions, respinv1alpha1.ConditionHealthy)
}

// waited is how long a condition has been in its present status.
func (r *Reconciler) waited(run *respinv1alpha1.PatchRun, kind string) time.Duration {
	c := meta.FindStatusCondition(run.Status.Conditions, kind)
	if c == nil {
		return 0
	}
	return r.Now().Sub(c.LastTransitionTime.Time)
}

// waiting says that a phase cannot go on for a reason that may pass, and when to try again.
func (r *Reconciler) waiting(run *respinv1alpha1.PatchRun, kind, reason, message string) outcome {
	r.set(run, kind, metav1.ConditionUnknown, reason, message)
	return outcome{after: plan.Backoff(r.waited(run, kind))}
}

// fail closes a run that has changed no workload.
func (r *Reconciler) fail(run *respinv1alpha1.PatchRun, kind, reason, message string) outcome {
	r.set(run, kind, metav1.ConditionFalse, reason, message)
	r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, reason, message)
	return outcome{}
}

func (r *Reconciler) succeed(run *respinv1alpha1.PatchRun) {
	if run.Spec.Rollout.Type == respinv1alpha1.NoRollout {
		r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, respinv1alpha1.ReasonPushedOnly,
			fmt.Sprintf("%s is pushed; with spec.rollout.type None it is for other tools to roll it out", run.Status.Output.Image))
		return
	}
	r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, respinv1alpha1.ReasonPatched,
		fmt.Sprintf("%s runs on %s at its new digest", run.Spec.Source.Repository, run.Spec.Base.Image))
}

// begin marks the start of an attempt.
func (r *Reconciler) begin(run *respinv1alpha1.PatchRun) {
	if run.Status.StartTime != nil {
		return
	}
	now := metav1.NewTime(r.Now())
	run.Status.StartTime = &now
	run.Status.Attempts++
}

// startOver clears what an earlier attempt left, for the retry that a person asked for.
func startOver(run *respinv1alpha1.PatchRun) {
	run.Status = respinv1alpha1.PatchRunStatus{
		Attempts:            run.Status.Attempts,
		LastHandledRetry:    plan.AskedRetry(run),
		LastHandledRollback: run.Status.LastHandledRollback, // else the annotation of then would take this attempt back, too
	}
}

// derive sets what follows from the conditions: the phase, kstatus's conditions, and the times.
func (r *Reconciler) derive(run *respinv1alpha1.PatchRun) {
	status := &run.Status
	status.ObservedGeneration = run.Generation
	status.Phase, status.Reason = plan.Phase(run)
	ended := meta.FindStatusCondition(status.Conditions, respinv1alpha1.ConditionSucceeded)
	if ended == nil {
		reason, message := progressReason(run)
		r.set(run, respinv1alpha1.ConditionReconciling, metav1.ConditionTrue, reason, message)
		return
	}
	meta.RemoveStatusCondition(&status.Conditions, respinv1alpha1.ConditionReconciling)
	if ended.Status == metav1.ConditionFalse {
		r.set(run, respinv1alpha1.ConditionStalled, metav1.ConditionTrue, ended.Reason, ended.Message)
	}
	if status.CompletionTime == nil {
		now := metav1.NewTime(r.Now())
		status.CompletionTime = &now
		status.Duration = now.Sub(status.StartTime.Time).Round(time.Second).String()
	}
}

func progressReason(run *respinv1alpha1.PatchRun) (reason, message string) {
	if c := plan.Latest(run); c != nil && c.Status != metav1.ConditionTrue {
		return c.Reason, c.Message
	}
	return string(run.Status.Phase), ""
}
