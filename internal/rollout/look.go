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

// Stuck is why a container waits where time alone does not mend it: the reason, and words for a person. Both are empty for one
// that does not.
func Stuck(status *corev1.ContainerStatus) (reason, words string) {
	if status.State.Waiting == nil || !hopeless[status.State.Waiting.Reason] {
		return "", ""
	}
	return status.State.Waiting.Reason, describe(status)
}
