package restart

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/rollout"
)

// YoungStart is how long after its start a container that crashed before may still be replaced although it runs. The
// kubelet starts a crashed container at once, usually before anyone could replace its image: what is lost with so young
// a start is little, and it was about to start anyhow. It is longer than a write and the watch before it take, and short
// enough that whatever ran well for it is never touched. It is compared with the node's clock, in whole seconds.
const YoungStart = 10 * time.Second

// Replacement is an image of a pod's container that another is to take the place of, and how the container had ended.
type Replacement struct {
	Container string
	Init      bool
	From, To  string
	// Run is the run that it is for.
	Run string
	// Back says that the previous image takes the patched one's place.
	Back bool
	// Restarts is how often the container has restarted, ImageID what it ran, Reason and ExitCode how it ended, and Looping
	// says that it did so again and again.
	Restarts int32
	ImageID  string
	Reason   string
	ExitCode int32
	Looping  bool
}

// Replace says which containers of an existing pod are to get their patched image in place, now: those that have
// crashed, and those that crashed and were started again only just. What ended with exit code 0 had done its work, and
// what runs well is not disturbed. Pods that end, or whose containers are not restarted, stay as they are.
func Replace(pod *corev1.Pod, entries []Entry, now time.Time) []Replacement {
	if !restarts(pod) {
		return nil
	}
	var due []Replacement
	for _, c := range containers(pod) {
		at := slices.IndexFunc(entries, func(e Entry) bool { return e.of(pod, c) })
		status := statusOf(pod, c)
		if at < 0 || status == nil {
			continue
		}
		if end, looping := crashed(status, now); end != nil {
			e := entries[at]
			due = append(due, Replacement{
				Container: e.Container, Init: e.Init, From: c.Image, To: e.To, Run: e.Run,
				Restarts: status.RestartCount, ImageID: status.ImageID, Reason: end.Reason, ExitCode: end.ExitCode, Looping: looping,
			})
		}
	}
	return due
}

// SwapBack says how the containers of a pod that run a patched image get their previous one back in place. Those of a
// pod that runs neither are no one's of ours. The images are a target's, in the same order.
func SwapBack(pod *corev1.Pod, patched, previous []rollout.ContainerImage, run string) []Replacement {
	var due []Replacement
	if rollout.Ended(pod) || !pod.DeletionTimestamp.IsZero() {
		return nil
	}
	for _, c := range containers(pod) {
		at := slices.Index(patched, rollout.ContainerImage{Name: c.Name, Init: c.init, Image: c.Image})
		if at < 0 || previous[at].Image == c.Image {
			continue
		}
		back := Replacement{Container: c.Name, Init: c.init, From: c.Image, To: previous[at].Image, Run: run, Back: true}
		if status := statusOf(pod, c); status != nil {
			back.Restarts, back.ImageID = status.RestartCount, status.ImageID
			if end := lastEnd(status); end != nil {
				back.Reason, back.ExitCode = end.Reason, end.ExitCode
			}
		}
		due = append(due, back)
	}
	return due
}

// restarts tells whether a pod's containers come back when they end.
func restarts(pod *corev1.Pod) bool {
	return !rollout.Ended(pod) && pod.DeletionTimestamp.IsZero() && pod.Spec.RestartPolicy != corev1.RestartPolicyNever
}

func statusOf(pod *corev1.Pod, c containerAt) *corev1.ContainerStatus {
	return rollout.StatusOn(pod, rollout.ContainerImage{Name: c.Name, Init: c.init, Image: c.Image})
}

// crashed is how a container ended whose image can be replaced without disturbing what runs well; nil for any other. It
// loops if the kubelet delays its next start, or is about to.
func crashed(status *corev1.ContainerStatus, now time.Time) (end *corev1.ContainerStateTerminated, looping bool) {
	state, last := status.State, failure(status.LastTerminationState.Terminated)
	switch {
	case state.Terminated != nil:
		return failure(state.Terminated), rollout.Looping(status)
	case state.Waiting != nil && state.Waiting.Reason == rollout.CrashLoop:
		return last, true
	case state.Running != nil && now.Sub(state.Running.StartedAt.Time) < YoungStart:
		return last, false
	}
	return nil, false
}

// failure is an end that was not one in order; nil for any other.
func failure(end *corev1.ContainerStateTerminated) *corev1.ContainerStateTerminated {
	if end == nil || end.ExitCode == 0 {
		return nil
	}
	return end
}

// lastEnd is how a container ended last; nil if it never did.
func lastEnd(status *corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if status.State.Terminated != nil {
		return status.State.Terminated
	}
	return status.LastTerminationState.Terminated
}
