package rollout

import (
	corev1 "k8s.io/api/core/v1"
)

// Present are the pods that run, or are to run, and stay.
func Present(pods []corev1.Pod) []*corev1.Pod { return present(pods) }

// StatusOn is the status of a container in a pod that runs it on the given image, nil in any other pod.
func StatusOn(pod *corev1.Pod, image ContainerImage) *corev1.ContainerStatus {
	return statusOn(pod, image)
}
