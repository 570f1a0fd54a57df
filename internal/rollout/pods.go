package rollout

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// hopeless are the reasons for which a container waits that time alone does not mend, or that the kubelet gives only
// after it tried more than once.
var hopeless = map[string]bool{
	"CrashLoopBackOff":           true,
	"CreateContainerConfigError": true,
	"CreateContainerError":       true,
	"ErrImageNeverPull":          true,
	"ImagePullBackOff":           true,
	"InvalidImageName":           true,
	"RunContainerError":          true,
}

// podTrouble is the first thing that keeps a pod from coming up on the images, in the pod's own words.
func podTrouble(pods []corev1.Pod, images []ContainerImage) string {
	for _, pod := range present(pods) {
		for _, image := range images {
			status := statusOn(pod, image)
			if status == nil || status.State.Waiting == nil || !hopeless[status.State.Waiting.Reason] {
				continue
			}
			return fmt.Sprintf("container %s of pod %s: %s", image.Name, pod.Name, describe(status))
		}
	}
	return ""
}

// Ended tells whether a pod runs no more, as one that was evicted: its containers' statuses are of the past.
func Ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// present are the pods that run, or are to run, and stay.
func present(pods []corev1.Pod) []*corev1.Pod {
	var staying []*corev1.Pod
	for i := range pods {
		if pod := &pods[i]; !Ended(pod) && pod.DeletionTimestamp.IsZero() {
			staying = append(staying, pod)
		}
	}
	return staying
}

// statusOn is the status of a container in a pod that runs it on the given image, nil in any other pod.
func statusOn(pod *corev1.Pod, image ContainerImage) *corev1.ContainerStatus {
	containers, statuses := pod.Spec.Containers, pod.Status.ContainerStatuses
	if image.Init {
		containers, statuses = pod.Spec.InitContainers, pod.Status.InitContainerStatuses
	}
	for i := range containers {
		if containers[i].Name == image.Name && containers[i].Image != image.Image {
			return nil
		}
	}
	for i := range statuses {
		if statuses[i].Name == image.Name {
			return &statuses[i]
		}
	}
	return nil
}

func describe(status *corev1.ContainerStatus) string {
	words := []string{status.State.Waiting.Reason}
	if last := status.LastTerminationState.Terminated; last != nil {
		words = append(words, fmt.Sprintf("it ended with exit code %d (%s)", last.ExitCode, last.Reason))
		if last.Message != "" {
			words = append(words, last.Message)
		}
	} else if status.State.Waiting.Message != "" {
		words = append(words, status.State.Waiting.Message)
	}
	return clip(strings.Join(words, ": "), 1024)
}

// notReady names the first pod on the images that is not ready, for the message of a time-out.
func notReady(pods []corev1.Pod, images []ContainerImage) string {
	for _, pod := range present(pods) {
		for _, image := range images {
			if status := statusOn(pod, image); status != nil && !status.Ready && !image.Init {
				return fmt.Sprintf("; container %s of pod %s runs but is not ready", image.Name, pod.Name)
			}
		}
	}
	return ""
}

// clip shortens text to at most limit bytes, on a character's boundary.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len("…")], "") + "…"
}
