package plan

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Finished tells whether a run has ended, well or not. A run whose retry was asked for is under way again.
func Finished(run *respinv1alpha1.PatchRun) bool {
	return closed(run) && !RetryAsked(run) && !RollbackAsked(run)
}

// Succeeded tells whether a run has ended well.
func Succeeded(run *respinv1alpha1.PatchRun) bool {
	return meta.IsStatusConditionTrue(run.Status.Conditions, respinv1alpha1.ConditionSucceeded)
}

// RetryAsked tells whether a person asked for another attempt that has not begun yet.
func RetryAsked(run *respinv1alpha1.PatchRun) bool {
	asked := AskedRetry(run)
	return closed(run) && asked != "" && asked != run.Status.LastHandledRetry
}

// AskedRetry is the retry annotation's value, as far as the status holds it.
func AskedRetry(run *respinv1alpha1.PatchRun) string {
	return Clip(run.Annotations[respinv1alpha1.AnnotationRetry], maxHandled)
}

// RollbackAsked tells whether a person asked for the previous image back, of a run that succeeded, and has not got it
// yet.
func RollbackAsked(run *respinv1alpha1.PatchRun) bool {
	asked := AskedRollback(run)
	return Succeeded(run) && asked != "" && asked != run.Status.LastHandledRollback
}

// AskedRollback is the rollback annotation's value, as far as the status holds it.
func AskedRollback(run *respinv1alpha1.PatchRun) string {
	return Clip(run.Annotations[respinv1alpha1.AnnotationRollback], maxHandled)
}

// AskedReconcile is the reconcile annotation's value, as far as the status holds it.
func AskedReconcile(policy *respinv1alpha1.PatchPolicy) string {
	return Clip(policy.Annotations[respinv1alpha1.AnnotationReconcileAt], maxHandled)
}

func closed(run *respinv1alpha1.PatchRun) bool {
	return meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionSucceeded) != nil
}

// Begun tells whether a run may have changed a workload.
func Begun(run *respinv1alpha1.PatchRun) bool {
	return slices.Contains(run.Finalizers, respinv1alpha1.FinalizerRollout)
}

// RollingOut tells whether a run is at bringing its image to workloads.
func RollingOut(run *respinv1alpha1.PatchRun) bool {
	return Begun(run) || meta.IsStatusConditionTrue(run.Status.Conditions, respinv1alpha1.ConditionApproved)
}

// Waits tells whether a workload of a run waits.
func Waits(run *respinv1alpha1.PatchRun) bool {
	return slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
		return w.State == respinv1alpha1.WorkloadWaiting
	})
}

// touching tells whether a run has given a workload the patched image, or is about to, and has yet to judge it, or is
// asked to take it back.
func touching(run *respinv1alpha1.PatchRun) bool {
	return RollbackAsked(run) || slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool { return underWayIn(w.State) })
}

// Opened tells whether a run has begun to patch pods as they start.
func Opened(run *respinv1alpha1.PatchRun) bool {
	return rolloutType(run) == respinv1alpha1.OnRestart &&
		slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
			return w.State == respinv1alpha1.WorkloadOpen || w.State == respinv1alpha1.WorkloadHealthy
		})
}

func endReason(run *respinv1alpha1.PatchRun) string {
	if c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionSucceeded); c != nil {
		return c.Reason
	}
	return ""
}

// Outcome tells how a run ended.
func Outcome(run *respinv1alpha1.PatchRun) string {
	c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionSucceeded)
	if c == nil {
		return progress(run)
	}
	return c.Message
}

// progress tells how far a run under way is.
func progress(run *respinv1alpha1.PatchRun) string {
	if run.Status.Phase == "" {
		return fmt.Sprintf("patchrun/%s is about to begin", run.Name)
	}
	words := []string{fmt.Sprintf("patchrun/%s: %s", run.Name, run.Status.Phase)}
	if c := Latest(run); c != nil && c.Message != "" {
		words = append(words, c.Message)
	}
	return strings.Join(words, ": ")
}

// steps are the conditions that a run goes through, in order, each with the phase that a run is in until it is True.
var steps = []struct {
	condition string
	phase     respinv1alpha1.RunPhase
}{
	{respinv1alpha1.ConditionPlanned, respinv1alpha1.PhasePending},
	{respinv1alpha1.ConditionBuilt, respinv1alpha1.PhaseBuilding},
	{respinv1alpha1.ConditionVerified, respinv1alpha1.PhaseVerifying},
	{respinv1alpha1.ConditionApproved, respinv1alpha1.PhaseAwaitingApproval},
	{respinv1alpha1.ConditionRolledOut, respinv1alpha1.PhaseRollingOut},
	{respinv1alpha1.ConditionHealthy, respinv1alpha1.PhaseWatching},
}

// Latest is the condition that tells most about a run now: the first of its steps that is not True yet, or else the
// last of them; nil before any was written.
func Latest(run *respinv1alpha1.PatchRun) *metav1.Condition {
	var latest *metav1.Condition
	for _, step := range steps {
		c := meta.FindStatusCondition(run.Status.Conditions, step.condition)
		if c == nil {
			break
		}
		latest = c
		if c.Status != metav1.ConditionTrue {
			break
		}
	}
	return latest
}

// NextStep is the condition of the first of a run's steps that is not True; the last step's if all are.
func NextStep(run *respinv1alpha1.PatchRun) string {
	next := steps[len(steps)-1].condition
	for _, step := range steps {
		if !meta.IsStatusConditionTrue(run.Status.Conditions, step.condition) {
			return step.condition
		}
	}
	return next
}

// Phase derives a run's phase, and the reason to show with it, from its conditions.
func Phase(run *respinv1alpha1.PatchRun) (respinv1alpha1.RunPhase, string) {
	conditions := run.Status.Conditions
	if ended := meta.FindStatusCondition(conditions, respinv1alpha1.ConditionSucceeded); ended != nil {
		return endPhase(conditions, ended), ended.Reason
	}
	if back := meta.FindStatusCondition(conditions, respinv1alpha1.ConditionRolledBack); back != nil {
		return respinv1alpha1.PhaseRollingBack, back.Reason
	}
	for _, step := range steps {
		c := meta.FindStatusCondition(conditions, step.condition)
		if c == nil {
			return step.phase, ""
		}
		if c.Status != metav1.ConditionTrue {
			return step.phase, c.Reason
		}
	}
	return respinv1alpha1.PhaseWatching, ""
}

func endPhase(conditions []metav1.Condition, ended *metav1.Condition) respinv1alpha1.RunPhase {
	switch {
	case ended.Status == metav1.ConditionTrue:
		return respinv1alpha1.PhaseSucceeded
	case meta.IsStatusConditionTrue(conditions, respinv1alpha1.ConditionRolledBack):
		return respinv1alpha1.PhaseRolledBack
	}
	return respinv1alpha1.PhaseFailed
}
