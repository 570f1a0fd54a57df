package plan

import (
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Slot is what a workload holds that has its turn: it is being given a patched image, or is yet to be judged on it.
type Slot struct {
	Run, Policy, Workload types.UID
	Namespace             string
	// Attempt is which of the run's it is.
	Attempt int32
}

// InFlight are a run's workloads that have their turn.
func InFlight(run *respinv1alpha1.PatchRun) []Slot {
	if Finished(run) {
		return nil
	}
	var slots []Slot
	for _, t := range run.Spec.Workloads {
		if TakesTurns(run, t.Kind) && underWayIn(stateOf(run, t)) {
			slots = append(slots, NewSlot(run, t))
		}
	}
	return slots
}

// NewSlot is the turn of a run's target.
func NewSlot(run *respinv1alpha1.PatchRun, t respinv1alpha1.WorkloadTarget) Slot {
	return Slot{Run: run.UID, Policy: run.Spec.Policy.UID, Workload: t.UID, Namespace: run.Namespace, Attempt: run.Status.Attempts}
}

func underWayIn(state respinv1alpha1.WorkloadState) bool {
	switch state {
	case respinv1alpha1.WorkloadUpdating, respinv1alpha1.WorkloadUpdated, respinv1alpha1.WorkloadBaking, respinv1alpha1.WorkloadUnhealthy:
		return true
	}
	return false
}

// TakesTurns tells whether a run's workloads of a kind take turns. CronJobs take none: nothing of them runs until their
// time has come. What is patched on restart takes none either: nothing of it is disturbed.
func TakesTurns(run *respinv1alpha1.PatchRun, kind respinv1alpha1.WorkloadKind) bool {
	return kind != respinv1alpha1.KindCronJob && rolloutType(run) != respinv1alpha1.OnRestart
}

// Shows tells whether a run's status shows a slot that was taken: its workload has a state that only comes after, or the
// attempt that took it is over.
func Shows(run *respinv1alpha1.PatchRun, slot Slot) bool {
	if run.Status.Attempts != slot.Attempt {
		return run.Status.Attempts > slot.Attempt
	}
	for _, t := range run.Spec.Workloads {
		if t.UID == slot.Workload {
			state := stateOf(run, t)
			return state != "" && state != respinv1alpha1.WorkloadWaiting
		}
	}
	return true
}
