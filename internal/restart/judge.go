package restart

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/rollout"
)

// Limits are the times by which pods are judged.
type Limits struct {
	// Bake is how long a patched container has to run, and be ready, to count.
	Bake time.Duration
	// Health is how long a patched container may run without being ready; 0 sets no limit.
	Health time.Duration
}

// Verdict is what is known of how a workload's pods fare on the patched image.
type Verdict struct {
	// Pods is how many there are, and PatchedPods how many of them have it in every container that it is for.
	Pods, PatchedPods int32
	// Baked says that every pod has it and has run on it for long enough. It is false while there is no pod at all.
	Baked bool
	// Next is when to look again, if nothing happens before; 0 if only an event can change anything.
	Next time.Duration
	// Failed is a container that fails on the patched image where it did not on the previous one; nil if none does.
	Failed *Failure
}

// Failure is a container that fails on the patched image.
type Failure struct {
	Pod, Container string
	Init           bool
	// Reason is one word: the kubelet's, or TimedOut.
	Reason string
	// Message is for a person, in the pod's own words.
	Message string
}

// Judge says how far a workload's pods have come, and whether the patched images, one for each container of the target,
// are to blame for one that fails. That an image cannot be had is always blamed on it. What else keeps a container from
// running is not blamed on it where the earlier image does no better: where that very container had crashed again and
// again before, or one in another pod fails in the same way on an earlier image now.
func Judge(pods []corev1.Pod, patched []rollout.ContainerImage, now time.Time, limits Limits) Verdict {
	b := bench{pods: rollout.Present(pods), now: now, limits: limits}
	v := Verdict{Pods: int32(len(b.pods)), Baked: len(b.pods) > 0}
	for _, pod := range b.pods {
		whole := true
		for _, image := range patched {
			if imageIn(pod, image) != image.Image {
				whole = false
				continue
			}
			v.hear(b.judge(pod, image))
		}
		if whole {
			v.PatchedPods++
		}
	}
	v.Baked = v.Baked && v.PatchedPods == v.Pods
	return v
}

// hear takes what one container has come to into the verdict on all.
func (v *Verdict) hear(f fare) {
	v.Baked = v.Baked && f.baked
	if f.next > 0 && (v.Next == 0 || f.next < v.Next) {
		v.Next = f.next
	}
	if v.Failed == nil {
		v.Failed = f.failed
	}
}
