package rollout

import (
	"context"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestWhetherAStrategyLetsPodsBeMissing(t *testing.T) {
	rolling := func(unavailable, surge string) appsv1.DeploymentStrategy {
		of := func(text string) *intstr.IntOrString {
			if text == "" {
				return nil
			}
			return new(intstr.Parse(text))
		}
		return appsv1.DeploymentStrategy{
			Type:          appsv1.RollingUpdateDeploymentStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: of(unavailable), MaxSurge: of(surge)},
		}
	}
	for sentence, test := range map[string]struct {
		strategy appsv1.DeploymentStrategy
		replicas int32
		missing  bool
	}{
		"one that makes all pods anew":                     {appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}, 3, true},
		"not one of which nothing is known":                {appsv1.DeploymentStrategy{}, 3, false},
		"one that lets a pod be missing":                   {rolling("1", "1"), 3, true},
		"not one that lets none be":                        {rolling("0", "1"), 3, false},
		"nor one that says nothing":                        {rolling("", ""), 3, false},
		"a share that comes to one":                        {rolling("25%", "25%"), 4, true},
		"not a share that comes to less, with one beside":  {rolling("25%", "25%"), 3, false},
		"but a share that comes to less, with none beside": {rolling("25%", "0"), 3, true},
		"and with no share beside":                         {rolling("25%", "0%"), 3, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &test.replicas, Strategy: test.strategy}}
			if found := fromDeployment(d).Disrupts; found != test.missing {
				t.Errorf("it lets pods be missing: %v", found)
			}
		})
	}
	if !fromStatefulSet(&appsv1.StatefulSet{}).Disrupts || !fromDaemonSet(&appsv1.DaemonSet{}).Disrupts {
		t.Error("StatefulSets and DaemonSets take a pod away before they make another")
	}
	onDelete := appsv1.StatefulSetSpec{UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}}
	if fromStatefulSet(&appsv1.StatefulSet{Spec: onDelete}).Disrupts {
		t.Error("with OnDelete nothing is taken away")
	}
}

// shelf is a reader that only knows disruption budgets, as a namespace has them.
type shelf struct {
	client.Reader
	budgets []policyv1.PodDisruptionBudget
	err     error
}

func (s shelf) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	if list, ok := into.(*policyv1.PodDisruptionBudgetList); ok {
		list.Items = s.budgets
	}
	return s.err
}

func budgetFor(name, app string, allowed int32) policyv1.PodDisruptionBudget {
	budget := policyv1.PodDisruptionBudget{Status: policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: allowed}}
	budget.Name = name
	if app != "" {
		budget.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}
	}
	return budget
}

func TestWhichBudgetProtectsAWorkload(t *testing.T) {
	type budgets = []policyv1.PodDisruptionBudget
	everything, bad := budgetFor("everything", "", 0), budgetFor("bad", "", 0)
	everything.Spec.Selector = &metav1.LabelSelector{}
	bad.Spec.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: "Odd"}}}
	for sentence, test := range map[string]struct {
		budgets budgets
		change  func(*Workload)
		want    string
	}{
		"none where there are none":            {},
		"one that allows no pod to be missing": {budgets: budgets{budgetFor("none", "api", 0)}, want: "none"},
		"not one that allows one":              {budgets: budgets{budgetFor("one", "api", 1)}},
		"any of several":                       {budgets: budgets{budgetFor("one", "api", 1), budgetFor("none", "api", 0)}, want: "none"},
		"one for every pod of the namespace":   {budgets: budgets{everything}, want: "everything"},
		"not another workload's":               {budgets: budgets{budgetFor("other", "worker", 0)}},
		"not one that selects nothing":         {budgets: budgets{budgetFor("nothing", "", 0)}},
		"not one that cannot be understood":    {budgets: budgets{bad}},
		"none where no pod is taken away":      {budgets: budgets{everything}, change: func(w *Workload) { w.Disrupts = false }},
		"none where there are no pods":         {budgets: budgets{everything}, change: func(w *Workload) { w.Progress.Wanted = 0 }},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := Workload{
				Object: &appsv1.Deployment{}, Disrupts: true, Progress: Progress{Wanted: 2},
				Template: &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "api"}}},
			}
			if test.change != nil {
				test.change(&w)
			}
			if found, err := Protected(t.Context(), shelf{budgets: test.budgets}, w); found != test.want || err != nil {
				t.Errorf("it is protected by %q, %v; want %q", found, err, test.want)
			}
		})
	}
	w := Workload{Object: &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}}, Disrupts: true, Progress: Progress{Wanted: 1}}
	if _, err := Protected(t.Context(), shelf{err: errors.New("no connection")}, w); err == nil || !strings.Contains(err.Error(), "shop: no connection") {
		t.Errorf("where budgets cannot be read it says %v", err)
	}
}
