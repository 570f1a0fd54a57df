package rollout

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// PullSecrets are the names of the Secrets that a workload's images are pulled with, sorted, each once: those of its
// template and, since the API server adds a ServiceAccount's to a pod, those of its pods.
func PullSecrets(w Workload, pods []corev1.Pod) []string {
	all := slices.Clone(w.Template.Spec.ImagePullSecrets)
	for i := range pods {
		all = append(all, pods[i].Spec.ImagePullSecrets...)
	}
	var names []string
	for _, secret := range all {
		if secret.Name != "" {
			names = append(names, secret.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
