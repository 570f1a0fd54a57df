package plan

import (
	"cmp"
	"fmt"
	"slices"

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

// Traffic is all that is under way, and waits, in the cluster.
type Traffic struct {
	// Runs are all runs that have not ended.
	Runs []respinv1alpha1.PatchRun
	// Taken are slots that were taken and that Runs may not show yet.
	Taken []Slot
	// Budgets are how many workloads each policy has under way at once, by the policy's UID.
	Budgets map[types.UID]int
	// Cap is how many workloads the operator has under way at once; 0 for any number.
	Cap int
}

// Turn says whose turn a workload waits for; nil if it is its own. Within a policy it is the older run's. Where the
// operator's cap is reached, the namespace with the least under way comes first, so that one namespace's many workloads
// do not starve another's few.
func (t Traffic) Turn(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) *Wait {
	busy := t.inFlight()
	if by := slices.IndexFunc(busy, func(c Slot) bool { return c.Workload == target.UID && c.Run != run.UID }); by >= 0 {
		return turn("another run has %s under way", targetName(target))
	}
	budget, used := t.budget(run.Spec.Policy.UID), count(busy, func(c Slot) bool { return c.Policy == run.Spec.Policy.UID })
	if used >= budget {
		return turn("%d of the policy's workloads are under way, as many as spec.rollout.budget.maxConcurrent allows", used)
	}
	if t.Cap > 0 && len(busy) >= t.Cap {
		return turn("%d workloads are under way in the cluster, as many as the operator is allowed", len(busy))
	}
	return t.before(run, busy, budget-used)
}

func turn(format string, args ...any) *Wait {
	return &Wait{Reason: respinv1alpha1.ReasonWaitingForTurn, Message: fmt.Sprintf(format, args...)}
}

// before says who of those that wait, too, comes first for what is free.
func (t Traffic) before(run *respinv1alpha1.PatchRun, busy []Slot, free int) *Wait {
	queue := t.queue(run, busy)
	position := slices.IndexFunc(queue, func(r *respinv1alpha1.PatchRun) bool { return r.UID == run.UID })
	own := count(queue[:position], func(r *respinv1alpha1.PatchRun) bool { return r.Spec.Policy.UID == run.Spec.Policy.UID })
	if own >= free || t.Cap > 0 && position >= t.Cap-len(busy) {
		return turn("patchrun/%s in %s comes first", queue[0].Name, queue[0].Namespace)
	}
	return nil
}

// queue are the runs that wait for their turn and could take it, with run among them, in the order in which they get it.
func (t Traffic) queue(run *respinv1alpha1.PatchRun, busy []Slot) []*respinv1alpha1.PatchRun {
	queue := []*respinv1alpha1.PatchRun{run}
	for i := range t.Runs {
		other := &t.Runs[i]
		used := count(busy, func(c Slot) bool { return c.Policy == other.Spec.Policy.UID })
		if other.UID != run.UID && waitsForTurn(other) && used < t.budget(other.Spec.Policy.UID) {
			queue = append(queue, other)
		}
	}
	inNamespace := func(r *respinv1alpha1.PatchRun) int {
		return count(busy, func(c Slot) bool { return c.Namespace == r.Namespace })
	}
	slices.SortFunc(queue, func(a, b *respinv1alpha1.PatchRun) int {
		return cmp.Or(cmp.Compare(inNamespace(a), inNamespace(b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return queue
}

func waitsForTurn(run *respinv1alpha1.PatchRun) bool {
	return !Finished(run) && run.DeletionTimestamp.IsZero() &&
		slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
			return w.State == respinv1alpha1.WorkloadWaiting && w.Reason == respinv1alpha1.ReasonWaitingForTurn
		})
}

// budget is a policy's; one that is not known any more has the API's default.
func (t Traffic) budget(policy types.UID) int {
	return max(t.Budgets[policy], 1)
}

// inFlight are the workloads that have their turn, each once.
func (t Traffic) inFlight() []Slot {
	all := slices.Clone(t.Taken)
	for i := range t.Runs {
		all = append(all, InFlight(&t.Runs[i])...)
	}
	slices.SortFunc(all, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Workload, b.Workload))
	})
	return slices.Compact(all)
}

// InFlight are a run's workloads that have their turn. A CronJob takes none: nothing of it runs until its time has
// come.
func InFlight(run *respinv1alpha1.PatchRun) []Slot {
	if Finished(run) {
		return nil
	}
	var slots []Slot
	for _, t := range run.Spec.Workloads {
		if t.Kind != respinv1alpha1.KindCronJob && underWayIn(stateOf(run, t)) {
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

func count[T any](all []T, which func(T) bool) int {
	n := 0
	for _, one := range all {
		if which(one) {
			n++
		}
	}
	return n
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
