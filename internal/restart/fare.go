package restart

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// unavailable are the reasons for which a container waits whose image cannot be had.
var unavailable = map[string]bool{
	"ErrImageNeverPull": true,
	"ImagePullBackOff":  true,
	"InvalidImageName":  true,
}

// fare is how one container fares on the patched image.
type fare struct {
	baked  bool
	next   time.Duration
	failed *Failure
}

// bench is what containers are judged by.
type bench struct {
	pods   []*corev1.Pod
	now    time.Time
	limits Limits
}

// judge says how a pod's container fares that has the patched image.
func (b bench) judge(pod *corev1.Pod, image rollout.ContainerImage) fare {
	status, record := rollout.StatusOn(pod, image), Records(pod)[image.Name]
	if status == nil || record.tells(status) {
		return fare{}
	}
	reason, words := b.trouble(pod, status)
	if reason == "" {
		return b.patience(pod, status)
	}
	if !unavailable[reason] && (record.Looping || b.elsewhere(image, reason)) {
		return fare{}
	}
	return fare{failed: &Failure{Pod: pod.Name, Container: image.Name, Init: image.Init, Reason: reason, Message: words}}
}

// tells whether a status may still be of the image that the container had when it was replaced. Why an image cannot be
// had, or a container not be made, is told of the image that was asked for last.
func (r Record) tells(status *corev1.ContainerStatus) bool {
	if w := status.State.Waiting; r.Run == "" || w != nil && w.Reason != rollout.CrashLoop {
		return false
	}
	if status.State.Terminated != nil && status.RestartCount <= r.Restarts+2 {
		return true // how it ended before may be of the earlier image, which the kubelet may have started once more
	}
	return status.RestartCount <= r.Restarts || r.ImageID != "" && status.ImageID == r.ImageID
}

// trouble is what keeps a container from running well: a reason and words for a person, or neither.
func (b bench) trouble(pod *corev1.Pod, status *corev1.ContainerStatus) (reason, words string) {
	if reason, words = rollout.Stuck(status); reason != "" {
		return reason, words
	}
	if b.limits.Health > 0 && b.unready(pod, status) >= b.limits.Health {
		return respinv1alpha1.ReasonTimedOut, fmt.Sprintf("it runs and has not been ready for %s", b.limits.Health)
	}
	return "", ""
}

// age is how long a container has run since it was started; 0 for one that does not run.
func (b bench) age(status *corev1.ContainerStatus) time.Duration {
	if status.State.Running == nil {
		return 0
	}
	return b.now.Sub(status.State.Running.StartedAt.Time)
}

// unready is how long a container has run without being ready; 0 for one that is, or that does not run. One that was
// ready before is given its time anew.
func (b bench) unready(pod *corev1.Pod, status *corev1.ContainerStatus) time.Duration {
	if status.Ready || status.State.Running == nil {
		return 0
	}
	since := b.age(status)
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.ContainersReady && c.Status == corev1.ConditionFalse {
			since = min(since, b.now.Sub(c.LastTransitionTime.Time))
		}
	}
	return since
}

// patience is how far a container has come that has no trouble. An init container that has done its work is ready, and
// runs no more.
func (b bench) patience(pod *corev1.Pod, status *corev1.ContainerStatus) fare {
	age := b.age(status)
	switch {
	case status.Ready && (status.State.Running == nil || age >= b.limits.Bake):
		return fare{baked: true}
	case status.Ready:
		return fare{next: b.limits.Bake - age}
	case status.State.Running != nil && b.limits.Health > 0:
		return fare{next: b.limits.Health - b.unready(pod, status)}
	}
	return fare{}
}

// elsewhere tells whether the container of another pod has the same trouble on another image than the patched one.
func (b bench) elsewhere(image rollout.ContainerImage, reason string) bool {
	return slices.ContainsFunc(b.pods, func(pod *corev1.Pod) bool {
		has := imageIn(pod, image)
		if has == "" || has == image.Image {
			return false
		}
		status := rollout.StatusOn(pod, rollout.ContainerImage{Name: image.Name, Init: image.Init, Image: has})
		if status == nil {
			return false
		}
		same, _ := b.trouble(pod, status)
		return same == reason
	})
}

// imageIn is the image that a pod has in the place of another one; empty where there is no such container.
func imageIn(pod *corev1.Pod, image rollout.ContainerImage) string {
	for _, c := range containers(pod) {
		if c.Name == image.Name && c.init == image.Init {
			return c.Image
		}
	}
	return ""
}
