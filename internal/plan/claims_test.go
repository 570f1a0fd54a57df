package plan

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func policyOf(name string, age time.Duration, changes ...func(*respinv1alpha1.PatchPolicy)) respinv1alpha1.PatchPolicy {
	policy := payments(changes...)
	policy.Name, policy.UID = name, types.UID("uid-of-"+name)
	policy.CreationTimestamp = metav1.NewTime(noon.Add(-age))
	return *policy
}

func selecting(tier string) func(*respinv1alpha1.PatchPolicy) {
	return func(p *respinv1alpha1.PatchPolicy) {
		p.Spec.Workloads.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"tier": tier}}
	}
}

func selectingBadly(p *respinv1alpha1.PatchPolicy) {
	p.Spec.Workloads.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
		{Key: "tier", Operator: "Near"},
	}}
}

func TestUnclaimed(t *testing.T) {
	self := policyOf("self", time.Minute)
	deleted := func(p *respinv1alpha1.PatchPolicy) { p.DeletionTimestamp = &metav1.Time{Time: noon} }
	daemonSets := func(p *respinv1alpha1.PatchPolicy) {
		p.Spec.Workloads.Kinds = []respinv1alpha1.WorkloadKind{respinv1alpha1.KindDaemonSet}
	}
	suspended := func(p *respinv1alpha1.PatchPolicy) { p.Spec.Suspend = true }
	for sentence, test := range map[string]struct {
		others []respinv1alpha1.PatchPolicy
		by     string // who claims; empty for nobody
	}{
		"a policy alone keeps its workloads":           {},
		"an older policy claims":                       {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour)}, "older"},
		"the oldest of several claims":                 {[]respinv1alpha1.PatchPolicy{policyOf("b", time.Hour), policyOf("a", 2*time.Hour)}, "a"},
		"a younger policy does not":                    {[]respinv1alpha1.PatchPolicy{policyOf("younger", time.Second)}, ""},
		"of the same second the name decides":          {[]respinv1alpha1.PatchPolicy{policyOf("a", time.Minute), policyOf("z", time.Minute)}, "a"},
		"one that selects another tier does not":       {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, selecting("frontend"))}, ""},
		"one that selects this tier does":              {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, selecting("backend"))}, "older"},
		"one of other kinds does not":                  {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, daemonSets)}, ""},
		"one that is being deleted does not":           {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, deleted)}, ""},
		"one that is suspended still does":             {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, suspended)}, "older"},
		"one whose selector cannot be parsed does not": {[]respinv1alpha1.PatchPolicy{policyOf("older", time.Hour, selectingBadly)}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := workload("api")
			w.Labels = labels.Set{"tier": "backend"}
			own, claims := Unclaimed(&self, append(test.others, self), []Workload{w})
			switch {
			case test.by == "" && (len(own) != 1 || len(claims) != 0):
				t.Errorf("keeps %v and sees the claims %v, want to keep the workload", own, claims)
			case test.by != "" && (len(own) != 0 || !slices.Equal(claims, []Claim{{"Deployment/api", test.by}})):
				t.Errorf("keeps %v and sees the claims %v, want one of %s", own, claims, test.by)
			}
		})
	}
}

func TestSelector(t *testing.T) {
	if s, problem := Selector(payments()); problem != nil || !s.Matches(labels.Set{"any": "thing"}) {
		t.Errorf("without a selector: %v, %v", s, problem)
	}
	if s, problem := Selector(payments(selecting("backend"))); problem != nil || s.Matches(labels.Set{"tier": "frontend"}) {
		t.Errorf("with a selector: %v, %v", s, problem)
	}
	s, problem := Selector(payments(selectingBadly))
	if problem == nil || problem.Reason != respinv1alpha1.ReasonInvalidSelector || s.Matches(labels.Set{"tier": "x"}) {
		t.Errorf("with a selector that cannot be parsed: %v, %v", s, problem)
	}
}
