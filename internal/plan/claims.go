package plan

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Selector is a policy's workload selector, or the problem with it.
func Selector(policy *respinv1alpha1.PatchPolicy) (labels.Selector, *Problem) {
	spec := policy.Spec.Workloads.Selector
	if spec == nil {
		return labels.Everything(), nil
	}
	selector, err := metav1.LabelSelectorAsSelector(spec)
	if err != nil {
		return labels.Nothing(), &Problem{respinv1alpha1.ReasonInvalidSelector,
			fmt.Sprintf("spec.workloads.selector: %v", err)}
	}
	return selector, nil
}

// Kinds are the kinds of workload that a policy selects.
func Kinds(policy *respinv1alpha1.PatchPolicy) []respinv1alpha1.WorkloadKind {
	if kinds := policy.Spec.Workloads.Kinds; len(kinds) > 0 {
		return kinds
	}
	return []respinv1alpha1.WorkloadKind{
		respinv1alpha1.KindDeployment, respinv1alpha1.KindStatefulSet, respinv1alpha1.KindDaemonSet,
	}
}

// Claim is a workload that an older policy keeps patched.
type Claim struct {
	Workload string
	By       string
}

// Unclaimed splits the workloads that a policy selects into those it keeps and those that an older policy of its
// namespace keeps already. A suspended policy keeps its workloads: to suspend it is to leave them alone.
func Unclaimed(policy *respinv1alpha1.PatchPolicy, all []respinv1alpha1.PatchPolicy, workloads []Workload) ([]Workload, []Claim) {
	older := olderThan(policy, all)
	var own []Workload
	var claims []Claim
	for _, w := range workloads {
		if by := claimant(older, w); by != "" {
			claims = append(claims, Claim{Workload: string(w.Kind) + "/" + w.Name, By: by})
			continue
		}
		own = append(own, w)
	}
	return own, claims
}

// olderThan are the policies that were created before policy, oldest first; the name decides between those of one
// second.
func olderThan(policy *respinv1alpha1.PatchPolicy, all []respinv1alpha1.PatchPolicy) []respinv1alpha1.PatchPolicy {
	var older []respinv1alpha1.PatchPolicy
	for i := range all {
		if all[i].UID != policy.UID && all[i].DeletionTimestamp.IsZero() && byAge(all[i], *policy) < 0 {
			older = append(older, all[i])
		}
	}
	slices.SortFunc(older, byAge)
	return older
}

func byAge(a, b respinv1alpha1.PatchPolicy) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

func claimant(older []respinv1alpha1.PatchPolicy, w Workload) string {
	for i := range older {
		selector, problem := Selector(&older[i])
		if problem == nil && slices.Contains(Kinds(&older[i]), w.Kind) && selector.Matches(w.Labels) {
			return older[i].Name
		}
	}
	return ""
}
