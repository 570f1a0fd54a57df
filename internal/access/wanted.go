package access

import respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"

// Wanted names, within one namespace, what to reach registries with.
type Wanted struct {
	// ServiceAccount whose imagePullSecrets are used; empty for none.
	ServiceAccount string
	// PullSecrets are the imagePullSecrets of pods. They come before the ServiceAccount's.
	PullSecrets []string
	// PushSecret holds the credentials for pushing; empty to push with those for pulling.
	PushSecret string
	// CertSecret holds the certificates of private authorities; empty for none.
	CertSecret string
}

// Of is what a policy wants, for images that go to an output and that pods pull with the given Secrets.
func Of(policy *respinv1alpha1.PatchPolicy, output *respinv1alpha1.OutputSpec, pullSecrets []string) Wanted {
	w := Wanted{ServiceAccount: policy.Spec.ServiceAccountName, PullSecrets: pullSecrets}
	if output != nil && output.PushSecretRef != nil {
		w.PushSecret = output.PushSecretRef.Name
	}
	if policy.Spec.CertSecretRef != nil {
		w.CertSecret = policy.Spec.CertSecretRef.Name
	}
	return w
}
