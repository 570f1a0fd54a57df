package rollout

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Protected names a PodDisruptionBudget that allows no pod of a workload to be missing, where the workload's own
// strategy would have one missing; empty if there is none. Respin evicts nothing: it only does not begin what would
// break such a budget. Where there are no pods, none can be missing, whatever the budget's status says of that.
func Protected(ctx context.Context, reader client.Reader, w Workload) (string, error) {
	if !w.Disrupts || w.Progress.Wanted == 0 {
		return "", nil
	}
	var budgets policyv1.PodDisruptionBudgetList
	if err := reader.List(ctx, &budgets, client.InNamespace(w.Object.GetNamespace())); err != nil {
		return "", fmt.Errorf("listing the disruption budgets of %s: %w", w.Object.GetNamespace(), err)
	}
	for i := range budgets.Items {
		budget := &budgets.Items[i]
		selector, err := metav1.LabelSelectorAsSelector(budget.Spec.Selector)
		if err != nil || !selector.Matches(labels.Set(w.Template.Labels)) {
			continue
		}
		if budget.Status.DisruptionsAllowed < 1 {
			return budget.Name, nil
		}
	}
	return "", nil
}

// disrupts tells whether a Deployment's strategy lets pods be missing. A share of the replicas that may be missing is
// rounded down, and one that may be there beside them up; where both come to none, the controller lets one be missing.
func disrupts(d *appsv1.Deployment) bool {
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return true
	}
	rolling := d.Spec.Strategy.RollingUpdate
	if rolling == nil {
		return false
	}
	share := func(of *intstr.IntOrString, otherwise int32, roundUp bool) int {
		scaled, err := intstr.GetScaledValueFromIntOrPercent(
			intstr.ValueOrDefault(of, intstr.FromInt32(otherwise)), int(replicas(d.Spec.Replicas)), roundUp)
		if err != nil {
			return -1 // which the API server does not take
		}
		return scaled
	}
	return share(rolling.MaxUnavailable, 0, false) != 0 || share(rolling.MaxSurge, 1, true) == 0
}

// surges tells whether a DaemonSet's strategy has a new pod available before it takes the old one away: it then lets none
// be missing, which the API server sees to.
func surges(strategy *appsv1.RollingUpdateDaemonSet) bool {
	if strategy == nil || strategy.MaxSurge == nil {
		return false
	}
	return *strategy.MaxSurge != intstr.FromInt32(0) && *strategy.MaxSurge != intstr.FromString("0%")
}
