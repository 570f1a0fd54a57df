package plugin

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// waiting is the reason of the first of a run's conditions that has one of the reasons and is not True, or of one of its
// workloads; empty where the run is over or waits for none of them.
func waiting(run *respinv1alpha1.PatchRun, reasons ...string) string {
	if run == nil || plan.Finished(run) {
		return ""
	}
	for _, c := range run.Status.Conditions {
		if c.Status != metav1.ConditionTrue && slices.Contains(reasons, c.Reason) {
			return c.Reason
		}
	}
	for _, w := range run.Status.Workloads {
		if slices.Contains(reasons, w.Reason) {
			return w.Reason
		}
	}
	return ""
}

// until is when what an image waits for comes: the end of settling or soaking, or a window; nil where no time is known.
func until(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) *metav1.Time {
	switch {
	case app.Reason == respinv1alpha1.ReasonSettling:
		return seenFor(policy, app.Base, policy.Spec.Settle)
	case app.Reason == respinv1alpha1.ReasonSoaking:
		return seenFor(policy, app.Base, policy.Spec.Soak)
	case app.Reason == respinv1alpha1.ReasonWaitingForWindow, waiting(run, respinv1alpha1.ReasonWaitingForWindow) != "":
		return policy.Status.NextWindow
	case baking(run) != nil && run.Spec.Rollout.BakeTime != nil:
		return new(metav1.NewTime(baking(run).Add(run.Spec.Rollout.BakeTime.Duration)))
	}
	return nil
}

func seenFor(policy *respinv1alpha1.PatchPolicy, image string, length *metav1.Duration) *metav1.Time {
	base := baseOf(policy, image)
	if base == nil || base.FirstSeen.IsZero() || length == nil {
		return nil
	}
	return new(metav1.NewTime(base.FirstSeen.Add(length.Duration)))
}

// baking is since when the workload that bakes longest does so, nil where none does.
func baking(run *respinv1alpha1.PatchRun) *metav1.Time {
	if run == nil || plan.Finished(run) {
		return nil
	}
	var since *metav1.Time
	for i := range run.Status.Workloads {
		w := &run.Status.Workloads[i]
		if w.State == respinv1alpha1.WorkloadBaking && !w.Since.IsZero() && (since == nil || since.Before(w.Since)) {
			since = w.Since
		}
	}
	return since
}

// unapproved is the reason why a run waits for a person's approval, empty if it does not.
func unapproved(run *respinv1alpha1.PatchRun) string {
	if run == nil || plan.Finished(run) || run.DeletionTimestamp != nil {
		return ""
	}
	c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionApproved)
	switch {
	case c != nil && c.Status == metav1.ConditionTrue:
		return ""
	case c != nil && slices.Contains(approvals, c.Reason):
		return c.Reason
	case run.Status.Phase == respinv1alpha1.PhaseAwaitingApproval:
		return respinv1alpha1.ReasonAwaitingApproval
	}
	return ""
}

var approvals = []string{
	respinv1alpha1.ReasonAwaitingApproval, respinv1alpha1.ReasonOtherDigest, respinv1alpha1.ReasonApproverUnknown,
}

// passed tells whether a time is known and not to come any more.
func passed(at *metav1.Time, now time.Time) bool { return at.IsZero() || !at.After(now) }
