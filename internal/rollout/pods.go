package rollout

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// hopeless are the reasons for which a container waits that time alone does not mend, or that the kubelet gives only
// after it tried more than once.
var hopeless = map[string]bool{
	CrashLoop:                    true,
	"CreateContainerConfigError": true,
	"CreateContainerError":       true,
	"ErrImageNeverPull":          true,
	"ImagePullBackOff":           true,
	"InvalidImageName":           true,
	"RunContainerError":          true,
}

// podTrouble is the first thing that keeps a pod from coming up on the images, in the pod's own words; nil if nothing
// does.
func podTrouble(pods []corev1.Pod, images []ContainerImage) *Health {
	for _, pod := range Present(pods) {
		for _, image := range images {
			status := StatusOn(pod, image)
			if status == nil {
				continue
			}
			reason, words := Stuck(status)
			if reason == "" {
				continue
			}
			return &Health{
				Verdict: Unhealthy, Reason: respinv1alpha1.ReasonUnhealthy,
				Message: fmt.Sprintf("container %s of pod %s: %s", image.Name, pod.Name, words),
				Culprit: &Culprit{Pod: pod, Container: image.Name, Init: image.Init},
			}
		}
	}
	return nil
}

// unschedulable is a pod on the images that no node has taken for a time: a node may be on its way before that.
func unschedulable(f Facts, grace time.Duration) *Health {
	for _, pod := range Present(f.Pods) {
		if !templateHas(pod.Spec, f.Images) {
			continue
		}
		for _, c := range pod.Status.Conditions {
			waits := c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
			if waits && f.Now.Sub(c.LastTransitionTime.Time) >= grace {
				return &Health{
					Verdict: Unhealthy, Reason: respinv1alpha1.ReasonUnschedulable,
					Message: fmt.Sprintf("no node has taken pod %s for %s: %s", pod.Name, grace, clip(c.Message)),
				}
			}
		}
	}
	return nil
}

// Ended tells whether a pod runs no more, as one that was evicted: its containers' statuses are of the past.
func Ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// Ready tells whether a pod says that it is ready.
func Ready(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Present are the pods that run, or are to run, and stay.
func Present(pods []corev1.Pod) []*corev1.Pod {
	var staying []*corev1.Pod
	for i := range pods {
		if pod := &pods[i]; !Ended(pod) && pod.DeletionTimestamp.IsZero() {
			staying = append(staying, pod)
		}
	}
	return staying
}

// StatusOn is the status of a container in a pod that runs it on the given image, nil in any other pod.
func StatusOn(pod *corev1.Pod, image ContainerImage) *corev1.ContainerStatus {
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
		words = append(words, ending(last))
	} else if status.State.Waiting.Message != "" {
		words = append(words, status.State.Waiting.Message)
	}
	return clip(strings.Join(words, ": "))
}

// Stuck is why a container does not run where time alone does not mend it: the reason, and words for a person. Both are
// empty for one that runs, or may yet. That it loops is told by its ends, too: a kubelet may not say that it waits until
// the wait is over.
func Stuck(status *corev1.ContainerStatus) (reason, words string) {
	switch {
	case status.State.Waiting != nil && hopeless[status.State.Waiting.Reason]:
		return status.State.Waiting.Reason, describe(status)
	case Looping(status):
		return CrashLoop, clip(CrashLoop + ": " + ending(status.State.Terminated))
	}
	return "", ""
}

// CrashLoop is the reason for which the kubelet waits before it starts a container again.
const CrashLoop = "CrashLoopBackOff"

// backOffForgotten is how long a container has to run for the kubelet to start it without delay when it ends.
const backOffForgotten = 10 * time.Minute

// Looping tells whether a container has ended that the kubelet starts again with a delay only: it has failed twice in a
// row, and soon.
func Looping(status *corev1.ContainerStatus) bool {
	end, last := status.State.Terminated, status.LastTerminationState.Terminated
	return end != nil && last != nil && end.ExitCode != 0 && last.ExitCode != 0 &&
		end.FinishedAt.Sub(end.StartedAt.Time) < backOffForgotten
}

// ending tells how a container ended.
func ending(end *corev1.ContainerStateTerminated) string {
	words := fmt.Sprintf("it ended with exit code %d (%s)", end.ExitCode, end.Reason)
	if end.Message != "" {
		words += ": " + end.Message
	}
	return clip(words)
}

// notReady is the first container on the images that runs and is not ready.
func notReady(pods []corev1.Pod, images []ContainerImage) *Culprit {
	for _, pod := range Present(pods) {
		for _, image := range images {
			if status := StatusOn(pod, image); status != nil && !status.Ready && !image.Init {
				return &Culprit{Pod: pod, Container: image.Name}
			}
		}
	}
	return nil
}

// maxWords is how many bytes are told of a container's own words.
const maxWords = 1024

// clip shortens text to at most maxWords bytes, on a character's boundary.
func clip(text string) string {
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords-len("…")], "") + "…"
}
