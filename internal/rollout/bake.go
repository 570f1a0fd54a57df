package rollout

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// lostAfter is how long a pod that was ready may be unready in the bake: one slow answer to a probe is no loss.
const lostAfter = 10 * time.Second

// Bake says whether a workload that was found healthy at f.Since stays so for long enough. A container that ends, and a
// pod that is no longer ready, count against the image; pods that come and go, as an autoscaler or a node's drain has
// them, do not.
func Bake(f Facts, bakeTime time.Duration) Health {
	if f.Workload.Kind == respinv1alpha1.KindCronJob {
		return Health{Verdict: Healthy, Reason: respinv1alpha1.ReasonHealthy, Message: "its first Job on the patched image is complete"}
	}
	if trouble := podTrouble(f.Pods, f.Images); trouble != nil {
		return *trouble
	}
	if restart := restarted(f); restart != nil {
		return *restart
	}
	lost, after := lostReadiness(f)
	if lost != nil {
		return *lost
	}
	baked := f.Now.Sub(f.Since)
	if baked < bakeTime || after > 0 {
		message := fmt.Sprintf("healthy, and has to stay so until %s", f.Since.Add(bakeTime).UTC().Format(time.RFC3339))
		return Health{Verdict: Waiting, Reason: respinv1alpha1.ReasonBaking, Message: message, After: soonest(bakeTime-baked, after)}
	}
	return Health{Verdict: Healthy, Reason: respinv1alpha1.ReasonHealthy, Message: f.Workload.Progress.settled()}
}

// soonest is the smaller of two durations, of which one that is not positive does not count.
func soonest(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

// restarted is the first container on the images that has ended since the bake began.
func restarted(f Facts) *Health {
	for _, pod := range Present(f.Pods) {
		for _, image := range f.Images {
			status := StatusOn(pod, image)
			if status == nil || image.Init {
				continue
			}
			for _, end := range []*corev1.ContainerStateTerminated{status.State.Terminated, status.LastTerminationState.Terminated} {
				if end == nil || end.FinishedAt.Time.Before(f.Since) {
					continue
				}
				return &Health{
					Verdict: Unhealthy, Reason: respinv1alpha1.ReasonRestarted, Culprit: &Culprit{Pod: pod, Container: image.Name},
					Message: fmt.Sprintf("container %s of pod %s came up and did not stay: %s", image.Name, pod.Name, ending(end)),
				}
			}
		}
	}
	return nil
}

// lostReadiness is the first container that was there when the bake began and has not been ready for too long; after is
// when the next of them would be. The containers' word counts rather than the pod's: that of a node that is lost is no
// fault of the image.
func lostReadiness(f Facts) (lost *Health, after time.Duration) {
	for _, pod := range Present(f.Pods) {
		for _, image := range f.Images {
			status := StatusOn(pod, image)
			if status == nil || image.Init || status.Ready || status.State.Running == nil || pod.CreationTimestamp.After(f.Since) {
				continue
			}
			if left := lostAfter - f.Now.Sub(unreadySince(pod, f.Since)); left > 0 {
				after = soonest(after, left)
				continue
			}
			return &Health{
				Verdict: Unhealthy, Reason: respinv1alpha1.ReasonLostReadiness, Culprit: &Culprit{Pod: pod, Container: image.Name},
				Message: fmt.Sprintf("container %s of pod %s was ready and is not any more", image.Name, pod.Name),
			}, 0
		}
	}
	return nil, after
}

// unreadySince is when a pod's containers stopped being ready, but no sooner than a time.
func unreadySince(pod *corev1.Pod, earliest time.Time) time.Time {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.ContainersReady && c.Status == corev1.ConditionFalse && c.LastTransitionTime.After(earliest) {
			return c.LastTransitionTime.Time
		}
	}
	return earliest
}
