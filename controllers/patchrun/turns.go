package patchrun

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// Turns has workloads take their turns one at a time, so that no two of them take the same one. A turn that was taken is
// in its run's status before the workload is touched; what is here only bridges the time until the cache shows it.
type Turns struct {
	// Cap is how many workloads may be under way at once in the whole cluster; 0 for any number.
	Cap int

	mu    sync.Mutex
	taken map[plan.Slot]bool
}

// take takes a workload's turn, or says whose is to be waited for.
func (r *Reconciler) take(ctx context.Context, run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus) (*plan.Wait, error) {
	r.Turns.mu.Lock()
	defer r.Turns.mu.Unlock()
	traffic, err := r.traffic(ctx)
	if err != nil {
		return nil, err
	}
	if wait := traffic.Turn(run, target); wait != nil {
		return wait, nil
	}
	if err := r.claim(ctx, run, status); err != nil {
		return nil, err
	}
	if plan.TakesTurns(run, target.Kind) {
		r.Turns.add(plan.NewSlot(run, target))
	}
	return nil, nil
}

// traffic is what is under way in the whole cluster.
func (r *Reconciler) traffic(ctx context.Context) (plan.Traffic, error) {
	var runs respinv1alpha1.PatchRunList
	if err := r.List(ctx, &runs, client.UnsafeDisableDeepCopy); err != nil { // they are only read
		return plan.Traffic{}, fmt.Errorf("listing what is under way: %w", err)
	}
	var policies respinv1alpha1.PatchPolicyList
	if err := r.List(ctx, &policies, client.UnsafeDisableDeepCopy); err != nil {
		return plan.Traffic{}, fmt.Errorf("listing policies: %w", err)
	}
	traffic := plan.Traffic{Runs: runs.Items, Taken: r.Turns.open(runs.Items), Cap: r.Turns.Cap, Budgets: map[types.UID]int{}}
	for i := range policies.Items {
		traffic.Budgets[policies.Items[i].UID] = int(policies.Items[i].Spec.Rollout.Budget.MaxConcurrent)
	}
	return traffic, nil
}

func (t *Turns) add(slot plan.Slot) {
	if t.taken == nil {
		t.taken = map[plan.Slot]bool{}
	}
	t.taken[slot] = true
}

// open are the turns that were taken and that the cache does not show yet. Those that it shows, or whose run is gone, are
// forgotten.
func (t *Turns) open(runs []respinv1alpha1.PatchRun) []plan.Slot {
	maps.DeleteFunc(t.taken, func(slot plan.Slot, _ bool) bool {
		at := slices.IndexFunc(runs, func(run respinv1alpha1.PatchRun) bool { return run.UID == slot.Run })
		return at < 0 || plan.Shows(&runs[at], slot)
	})
	return slices.Collect(maps.Keys(t.taken))
}

// claim writes down that a workload has its turn, and that the run is not to go before it is judged.
func (r *Reconciler) claim(ctx context.Context, run *respinv1alpha1.PatchRun, status *respinv1alpha1.WorkloadStatus) error {
	if err := r.hold(ctx, run); err != nil {
		return err
	}
	before, was := run.DeepCopy(), *status
	r.mark(status, respinv1alpha1.WorkloadUpdating, "", "it is its turn")
	claimed := run.DeepCopy()
	if err := r.Status().Patch(ctx, claimed, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		*status = was // else what saves the rest of the status would take the turn all the same
		return fmt.Errorf("writing down whose turn it is in patchrun %s: %w", client.ObjectKeyFromObject(run), err)
	}
	run.ResourceVersion = claimed.ResourceVersion
	return nil
}
