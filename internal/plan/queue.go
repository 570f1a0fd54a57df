package plan

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// queue are the runs that wait for their turn and could take it, with run among them, in the order in which they get it.
func (t Traffic) queue(run *respinv1alpha1.PatchRun, busy []Slot) []*respinv1alpha1.PatchRun {
	queue := []*respinv1alpha1.PatchRun{run}
	for i := range t.Runs {
		other := &t.Runs[i]
		used := count(busy, func(c Slot) bool { return c.Policy == other.Spec.Policy.UID })
		if other.UID != run.UID && used < t.budget(other.Spec.Policy.UID) && waitsForTurn(other, busy) {
			queue = append(queue, other)
		}
	}
	underWay, last := map[string]int{}, t.lastTurns()
	for _, slot := range busy {
		underWay[slot.Namespace]++
	}
	slices.SortFunc(queue, func(a, b *respinv1alpha1.PatchRun) int {
		return cmp.Or(cmp.Compare(underWay[a.Namespace], underWay[b.Namespace]), last[a.Namespace].Compare(last[b.Namespace]),
			a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return queue
}

// waitsForTurn tells whether a run has a workload that waits for its turn, and could take it: one that another run has
// under way could not, nor could any once the run is being taken back.
func waitsForTurn(run *respinv1alpha1.PatchRun, busy []Slot) bool {
	if Finished(run) || !run.DeletionTimestamp.IsZero() || meta.IsStatusConditionFalse(run.Status.Conditions, respinv1alpha1.ConditionHealthy) {
		return false
	}
	return slices.ContainsFunc(run.Spec.Workloads, func(t respinv1alpha1.WorkloadTarget) bool {
		return !elsewhere(busy, run, t) && slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
			return w.Kind == t.Kind && w.Name == t.Name &&
				w.State == respinv1alpha1.WorkloadWaiting && w.Reason == respinv1alpha1.ReasonWaitingForTurn
		})
	})
}

// lastTurns are when each namespace had a turn last, as far as the workloads' states tell of it.
func (t Traffic) lastTurns() map[string]time.Time {
	last := map[string]time.Time{}
	for i := range t.Runs {
		run := &t.Runs[i]
		for j := range run.Status.Workloads {
			w := &run.Status.Workloads[j]
			if TakesTurns(run, w.Kind) && hadTurn(w.State) && w.Since != nil && w.Since.After(last[run.Namespace]) {
				last[run.Namespace] = w.Since.Time
			}
		}
	}
	return last
}

// hadTurn tells whether a workload has come to a state by its turn.
func hadTurn(state respinv1alpha1.WorkloadState) bool {
	switch state {
	case respinv1alpha1.WorkloadHealthy, respinv1alpha1.WorkloadRolledBack, respinv1alpha1.WorkloadReverted:
		return true
	}
	return underWayIn(state)
}
