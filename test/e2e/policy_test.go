//go:build e2e

package e2e

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/images"
)

// newPolicy has rules for images. It looks at bases when it is asked to, or else rarely.
func newPolicy(name string, rules ...respinv1alpha1.ImageRule) *respinv1alpha1.PatchPolicy {
	return &respinv1alpha1.PatchPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: respinv1alpha1.PatchPolicySpec{
			Interval: metav1.Duration{Duration: time.Hour},
			Images:   rules,
			Rollout: respinv1alpha1.RolloutSpec{Delivery: respinv1alpha1.Delivery{
				HealthTimeout: metav1.Duration{Duration: 2 * time.Minute},
				BakeTime:      new(metav1.Duration),
			}},
			Settle: new(metav1.Duration),
		},
	}
}

// often has a policy look at its bases as often as it may.
func often(policy *respinv1alpha1.PatchPolicy) *respinv1alpha1.PatchPolicy {
	policy.Spec.Interval.Duration = 10 * time.Second
	return policy
}

// keeping has a policy keep only the workloads of one name.
func keeping(policy *respinv1alpha1.PatchPolicy, name string) *respinv1alpha1.PatchPolicy {
	policy.Spec.Workloads.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
	return policy
}

// rebuild is the rule for an app that is built from an inline Dockerfile. Its base is read from its lineage.
func rebuild(app images.App) respinv1alpha1.ImageRule {
	return respinv1alpha1.ImageRule{
		Match:  app.Repository,
		Method: respinv1alpha1.MethodRebuild,
		Build:  &respinv1alpha1.BuildSpec{DockerfileInline: app.Dockerfile},
	}
}

// declared has a rule name the base.
func declared(rule respinv1alpha1.ImageRule, base *images.Base) respinv1alpha1.ImageRule {
	rule.Base = &respinv1alpha1.BaseImage{Image: base.Reference}
	return rule
}
