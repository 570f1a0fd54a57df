package admission

import (
	"bytes"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	registration "k8s.io/client-go/applyconfigurations/admissionregistration/v1"
	apply "k8s.io/client-go/applyconfigurations/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// namespaceName is a label that the API server gives every namespace.
const namespaceName = "kubernetes.io/metadata.name"

// namespaces are those in which pods may be patched as they are created, in order: where a policy patches on restart,
// or a run does that was created when its policy still did.
func namespaces(policies []respinv1alpha1.PatchPolicy, runs []respinv1alpha1.PatchRun) []string {
	var names []string
	for i := range policies {
		if policies[i].Spec.Rollout.Type == respinv1alpha1.OnRestart {
			names = append(names, policies[i].Namespace)
		}
	}
	for i := range runs {
		if open(&runs[i]) {
			names = append(names, runs[i].Namespace)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// open tells whether a run patches pods on restart, now or soon.
func open(run *respinv1alpha1.PatchRun) bool {
	conditions := run.Status.Conditions
	return run.Spec.Rollout.Type == respinv1alpha1.OnRestart && run.Status.Output != nil &&
		!meta.IsStatusConditionFalse(conditions, respinv1alpha1.ConditionHealthy) &&
		!meta.IsStatusConditionFalse(conditions, respinv1alpha1.ConditionSucceeded)
}

// desired is what there is to apply to our webhooks, so that the API server trusts them by bundle and asks about pods in
// these namespaces only; nil where it is so already. Without a bundle, what they are trusted by is somebody else's. All
// that is ours is in it, what differs and what does not: applying less would give the rest up.
func desired(current *admissionregistrationv1.MutatingWebhookConfiguration, names []string, bundle []byte) *registration.MutatingWebhookConfigurationApplyConfiguration {
	wanted := registration.MutatingWebhookConfiguration(current.Name).WithUID(current.UID).WithResourceVersion(current.ResourceVersion)
	differs := false
	for i := range current.Webhooks {
		webhook := &current.Webhooks[i]
		if webhook.Name != PodsWebhook && (webhook.Name != ApprovalsWebhook || bundle == nil) {
			continue
		}
		ours := registration.MutatingWebhook().WithName(webhook.Name)
		if bundle != nil {
			ours.WithClientConfig(registration.WebhookClientConfig().WithCABundle(bundle...))
			differs = differs || !bytes.Equal(webhook.ClientConfig.CABundle, bundle)
		}
		if webhook.Name == PodsWebhook {
			expression := inNamespaces(names)
			ours.WithNamespaceSelector(applied(expression))
			differs = differs || !equality.Semantic.DeepEqual(webhook.NamespaceSelector, selector(expression))
		}
		wanted.WithWebhooks(ours)
	}
	if !differs {
		return nil
	}
	return wanted
}

// inNamespaces selects namespaces by their names. Without names it selects none: every namespace has the label.
func inNamespaces(names []string) metav1.LabelSelectorRequirement {
	if len(names) == 0 {
		return metav1.LabelSelectorRequirement{Key: namespaceName, Operator: metav1.LabelSelectorOpDoesNotExist}
	}
	return metav1.LabelSelectorRequirement{Key: namespaceName, Operator: metav1.LabelSelectorOpIn, Values: names}
}

func selector(expression metav1.LabelSelectorRequirement) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{expression}}
}

func applied(expression metav1.LabelSelectorRequirement) *apply.LabelSelectorApplyConfiguration {
	requirement := apply.LabelSelectorRequirement().WithKey(expression.Key).WithOperator(expression.Operator).WithValues(expression.Values...)
	return apply.LabelSelector().WithMatchExpressions(requirement)
}
