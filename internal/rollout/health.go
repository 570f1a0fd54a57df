package rollout

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Verdict is what is known of a workload's health.
type Verdict string

// The verdicts on a workload's health.
const (
	Waiting   Verdict = "Waiting"
	Healthy   Verdict = "Healthy"
	Unhealthy Verdict = "Unhealthy"
)

// Health is a verdict with its reason and words for a person.
type Health struct {
	Verdict Verdict
	Reason  string
	Message string
}

// Judge says whether a workload is healthy on the images that it was given, from its own status and from the pods
// that run those images. It fails early where a pod says that it cannot come up, and when the time is over.
func Judge(w Workload, pods []corev1.Pod, images []ContainerImage, waited, timeout time.Duration) Health {
	if trouble := podTrouble(pods, images); trouble != "" {
		return Health{Unhealthy, respinv1alpha1.ReasonUnhealthy, trouble}
	}
	if w.Progress.Observed && w.Progress.Failed != "" {
		return Health{Unhealthy, respinv1alpha1.ReasonUnhealthy, w.Progress.Failed}
	}
	missing := w.Progress.missing()
	if missing == "" {
		return Health{Healthy, respinv1alpha1.ReasonHealthy, w.Progress.settled()}
	}
	if waited >= timeout {
		return Health{Unhealthy, respinv1alpha1.ReasonTimedOut,
			fmt.Sprintf("not healthy within %s: %s%s", timeout, missing, notReady(pods, images))}
	}
	return Health{Waiting, respinv1alpha1.ReasonWaiting, missing}
}

// missing says what keeps the workload from having rolled out; empty when nothing does. The order is that in which
// kubectl rollout status looks.
func (p Progress) missing() string {
	switch {
	case !p.Observed:
		return "its controller has not seen the new template yet"
	case p.OnDelete:
		return ""
	case p.Updated < p.Wanted:
		return fmt.Sprintf("%d of %d pods run the patched image", p.Updated, p.Wanted)
	case p.Old > 0:
		return fmt.Sprintf("%d old pods are yet to end", p.Old)
	case p.Available < p.Wanted:
		return fmt.Sprintf("%d of %d pods are available", p.Available, p.Wanted)
	}
	return ""
}

func (p Progress) settled() string {
	if p.OnDelete {
		return "the template is updated; with updateStrategy OnDelete pods come back patched as they are deleted"
	}
	return fmt.Sprintf("%d of %d pods are available on the patched image", p.Available, p.Wanted)
}
