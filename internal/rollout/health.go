package rollout

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
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

// Facts are what a workload's health is judged from.
type Facts struct {
	Workload Workload
	Pods     []corev1.Pod
	// Jobs are a CronJob's.
	Jobs []batchv1.Job
	// Images are those that the workload was given.
	Images []ContainerImage
	// Since is when it was given them, or, for Bake, when it was found healthy on them.
	Since, Now time.Time
}

// Health is a verdict with its reason and words for a person.
type Health struct {
	Verdict Verdict
	Reason  string
	Message string
	// After is in how long the verdict may be another by the clock alone; 0 where only the cluster changes it.
	After time.Duration
	// Culprit is the container that the verdict is based on, if it is one.
	Culprit *Culprit
}

// Culprit is a container of a pod that does not do what it should.
type Culprit struct {
	Pod       *corev1.Pod
	Container string
	Init      bool
}

// Judge says whether a workload is healthy on the images that it was given, from its own status and from the pods
// that run those images. It fails early where a pod says that it cannot come up, and when the time is over.
func Judge(f Facts, timeout time.Duration) Health {
	if f.Workload.Kind == respinv1alpha1.KindCronJob {
		return judgeJobs(f, timeout)
	}
	if trouble := podTrouble(f.Pods, f.Images); trouble != nil {
		return *trouble
	}
	progress, waited := f.Workload.Progress, f.Now.Sub(f.Since)
	if progress.Observed && progress.Failed != "" {
		return Health{Verdict: Unhealthy, Reason: respinv1alpha1.ReasonUnhealthy, Message: progress.Failed}
	}
	missing := progress.missing()
	if missing == "" {
		return Health{Verdict: Healthy, Reason: respinv1alpha1.ReasonHealthy, Message: progress.settled()}
	}
	if waited >= timeout {
		return timedOut(f, timeout, missing)
	}
	if homeless := unschedulable(f, timeout/2); homeless != nil {
		return *homeless
	}
	return Health{Verdict: Waiting, Reason: respinv1alpha1.ReasonWaiting, Message: missing, After: later(waited, timeout/2, timeout)}
}

// later is how long it is from waited to the first of the times that is yet to come.
func later(waited time.Duration, times ...time.Duration) time.Duration {
	for _, at := range times {
		if at > waited {
			return at - waited
		}
	}
	return 0
}

func timedOut(f Facts, timeout time.Duration, missing string) Health {
	health := Health{Verdict: Unhealthy, Reason: respinv1alpha1.ReasonTimedOut, Message: fmt.Sprintf("not healthy within %s: %s", timeout, missing)}
	if culprit := notReady(f.Pods, f.Images); culprit != nil {
		health.Culprit = culprit
		health.Message += fmt.Sprintf("; container %s of pod %s runs but is not ready", culprit.Container, culprit.Pod.Name)
	}
	return health
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
