package patchrun

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// tally is how far a run's workloads are, with the first that waits and the first that is under way. Left are those that
// are someone else's now, or gone.
type tally struct {
	all, given, healthy, left int
	waiting, underWay         *respinv1alpha1.WorkloadStatus
}

func tallyOf(run *respinv1alpha1.PatchRun) tally {
	t := tally{all: len(run.Spec.Workloads)}
	for _, target := range run.Spec.Workloads {
		status := statusOf(run, target)
		switch status.State {
		case respinv1alpha1.WorkloadHealthy:
			t.given++
			t.healthy++
		case respinv1alpha1.WorkloadUpdated, respinv1alpha1.WorkloadBaking, respinv1alpha1.WorkloadOpen:
			t.given++
			t.underWay = first(t.underWay, status)
		case respinv1alpha1.WorkloadUpdating:
			t.underWay = first(t.underWay, status)
		case respinv1alpha1.WorkloadWaiting:
			t.waiting = first(t.waiting, status)
		case respinv1alpha1.WorkloadReverted, respinv1alpha1.WorkloadSkipped:
			t.left++
		}
	}
	return t
}

func first(known, next *respinv1alpha1.WorkloadStatus) *respinv1alpha1.WorkloadStatus {
	if known != nil {
		return known
	}
	return next
}

func words(status *respinv1alpha1.WorkloadStatus) string {
	if status.Message == "" {
		return rollout.Label(status.Kind, status.Name)
	}
	return rollout.Label(status.Kind, status.Name) + ": " + status.Message
}

// tellRollout puts into the conditions how far the rollout is, while it is under way. Once a workload is not healthy they
// stay as they are: the previous image is on its way back.
func (r *Reconciler) tellRollout(run *respinv1alpha1.PatchRun) {
	if foundUnhealthy(run) {
		return
	}
	t := tallyOf(run)
	count := fmt.Sprintf("%d of %d workloads have the patched image", t.given, t.all)
	switch {
	case run.Spec.Rollout.Type == respinv1alpha1.OnRestart && t.underWay != nil:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, respinv1alpha1.ReasonPatchingOnRestart, words(t.underWay))
	case t.waiting != nil && t.underWay != nil:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, respinv1alpha1.ReasonUpdating, count+"; "+words(t.underWay))
	case t.waiting != nil:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, reasonOr(t.waiting, respinv1alpha1.ReasonUpdating), count+"; "+words(t.waiting))
	case t.underWay != nil && t.underWay.State == respinv1alpha1.WorkloadUpdating:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, reasonOr(t.underWay, respinv1alpha1.ReasonUpdating), count+"; "+words(t.underWay))
	case t.given+t.left == t.all:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, respinv1alpha1.ReasonUpdated, count)
	default:
		r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionUnknown, respinv1alpha1.ReasonUpdating, count)
	}
	r.tellHealth(run, t)
}

// tellHealth tells of the workload that is being watched.
func (r *Reconciler) tellHealth(run *respinv1alpha1.PatchRun, t tally) {
	if t.underWay == nil {
		meta.RemoveStatusCondition(&run.Status.Conditions, respinv1alpha1.ConditionHealthy)
		return
	}
	reason := respinv1alpha1.ReasonWaiting
	if t.underWay.State == respinv1alpha1.WorkloadBaking {
		reason = respinv1alpha1.ReasonBaking
	}
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionUnknown, reason, words(t.underWay))
}

func reasonOr(status *respinv1alpha1.WorkloadStatus, otherwise string) string {
	if status.Reason != "" {
		return status.Reason
	}
	return otherwise
}

// rolledOut closes the rollout: well, unless there was nothing left to bring the image to, or someone put the previous
// one back everywhere.
func (r *Reconciler) rolledOut(run *respinv1alpha1.PatchRun) outcome {
	t := tallyOf(run)
	if t.healthy == 0 {
		reason, told := respinv1alpha1.ReasonNothingToUpdate, &run.Status.Workloads[0]
		for i := range run.Status.Workloads {
			if w := &run.Status.Workloads[i]; w.State == respinv1alpha1.WorkloadReverted {
				reason, told = w.Reason, w
			}
		}
		return r.fail(run, respinv1alpha1.ConditionRolledOut, reason, "no workload kept the patched image; "+words(told))
	}
	r.set(run, respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, respinv1alpha1.ReasonUpdated,
		fmt.Sprintf("%d of %d workloads have %s", t.healthy, t.all, run.Status.Output.Image))
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionTrue, respinv1alpha1.ReasonHealthy,
		fmt.Sprintf("%d of %d workloads are healthy on it", t.healthy, t.all))
	return done
}
