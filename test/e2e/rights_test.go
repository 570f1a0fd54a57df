//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
)

// rights are all that the operator may do in a namespace that is not its own, beside what every account may.
var rights = []string{
	"admissionregistration.k8s.io/mutatingwebhookconfigurations get,list,patch,watch", // by name
	"apps/daemonsets get,list,patch,watch",
	"apps/deployments get,list,patch,watch",
	"apps/statefulsets get,list,patch,watch",
	"batch/cronjobs get,list,patch,watch",
	"batch/jobs list,watch",
	"events.k8s.io/events create,patch",
	"nodes list,watch",
	"pods list,patch,watch",
	"pods/log get",
	"policy/poddisruptionbudgets list,watch",
	"respin.dev/patchpolicies get,list,watch",
	"respin.dev/patchpolicies/finalizers update",
	"respin.dev/patchpolicies/status patch",
	"respin.dev/patchruns create,delete,get,list,patch,watch",
	"respin.dev/patchruns/status patch",
	"serviceaccounts get",
}

// inItsOwn are the rights in the operator's own namespace beyond those.
var inItsOwn = []string{
	"coordination.k8s.io/leases create,get,update", "events create,patch",
	"secrets create,get,update", // get and update by name
}

// nobody is an account without any rights of its own.
const nobody = "system:serviceaccount:" + cluster.OperatorNamespace + ":nobody"

func TestTheOperatorMayDoNoMoreThanItHasTo(t *testing.T) {
	t.Parallel()
	for namespace, wanted := range map[string][]string{
		"default":                 rights,
		cluster.OperatorNamespace: slices.Concat(rights, inItsOwn),
	} {
		slices.Sort(wanted)
		every := rightsIn(t, namespace, nobody)
		got := slices.DeleteFunc(rightsIn(t, namespace, evidence.Operator), func(line string) bool {
			return slices.Contains(every, line)
		})
		if !slices.Equal(got, wanted) {
			t.Errorf("in %s the operator may\n%s\nand not\n%s", namespace, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		}
	}
}

// rightsIn are an account's rights in a namespace, as kubectl auth can-i --list has them: a line for each resource.
func rightsIn(t testing.TB, namespace, account string) []string {
	t.Helper()
	config := rest.CopyConfig(cluster.Connect(t).Config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: account,
		Groups:   []string{"system:serviceaccounts", "system:authenticated", "system:serviceaccounts:" + cluster.OperatorNamespace},
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	review, err = client.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	verbs := map[string][]string{}
	for _, rule := range review.Status.ResourceRules {
		for _, resource := range resources(rule) {
			verbs[resource] = append(verbs[resource], rule.Verbs...)
		}
	}
	return lined(verbs)
}

// resources are a rule's, as group/resource.
func resources(rule authorizationv1.ResourceRule) []string {
	var all []string
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			all = append(all, strings.TrimPrefix(group+"/"+resource, "/"))
		}
	}
	return all
}

func lined(verbs map[string][]string) []string {
	lines := make([]string, 0, len(verbs))
	for resource, all := range verbs {
		slices.Sort(all)
		lines = append(lines, resource+" "+strings.Join(slices.Compact(all), ","))
	}
	slices.Sort(lines)
	return lines
}
