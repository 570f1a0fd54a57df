package plan

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Traffic is all that is under way, and waits, in the cluster.
type Traffic struct {
	// Runs are all runs. Those that have ended tell who had a turn last.
	Runs []respinv1alpha1.PatchRun
	// Taken are slots that were taken and that Runs may not show yet.
	Taken []Slot
	// Budgets are how many workloads each policy has under way at once, by the policy's UID.
	Budgets map[types.UID]int
	// Cap is how many workloads the operator has under way at once; 0 for any number.
	Cap int
}

// Turn says whose turn a workload waits for; nil if it is its own. Within a policy it is the older run's. Where the
// operator's cap is reached, the namespace with the least under way comes first, and then the one whose last turn is the
// longest ago, so that one namespace's many workloads do not starve another's few.
func (t Traffic) Turn(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) *Wait {
	if !TakesTurns(run, target.Kind) {
		return nil
	}
	busy := t.inFlight()
	if elsewhere(busy, run, target) {
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
	ahead := queue[:slices.IndexFunc(queue, func(r *respinv1alpha1.PatchRun) bool { return r.UID == run.UID })]
	if t.Cap > 0 && len(ahead) >= t.Cap-len(busy) {
		return comesFirst(ahead[0])
	}
	own := slices.DeleteFunc(ahead, func(r *respinv1alpha1.PatchRun) bool { return r.Spec.Policy.UID != run.Spec.Policy.UID })
	if len(own) >= free {
		return comesFirst(own[0])
	}
	return nil
}

func comesFirst(run *respinv1alpha1.PatchRun) *Wait {
	return turn("patchrun/%s in %s comes first", run.Name, run.Namespace)
}

// elsewhere tells whether another run has a run's target under way.
func elsewhere(busy []Slot, run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) bool {
	return slices.ContainsFunc(busy, func(c Slot) bool { return c.Workload == target.UID && c.Run != run.UID })
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

func count[T any](all []T, which func(T) bool) int {
	n := 0
	for _, one := range all {
		if which(one) {
			n++
		}
	}
	return n
}
