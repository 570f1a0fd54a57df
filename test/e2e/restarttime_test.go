//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
)

// atMostLater is how much later than a plain restart a container may be back patched.
const atMostLater = 5 * time.Second

// restarts is how many containers are killed of either kind: RESPIN_RESTARTS, or else a few.
func restarts(t testing.TB) int {
	t.Helper()
	asked := os.Getenv("RESPIN_RESTARTS")
	if asked == "" {
		return 2
	}
	many, err := strconv.Atoi(asked)
	if err != nil || many < 1 {
		t.Fatalf("RESPIN_RESTARTS has to be a number from 1 on, and is %q", asked)
	}
	return many
}

// Each container is killed once: the kubelet makes one wait that dies again soon.
// It goes by itself: what has run well for seconds is not replaced, and dozens of pods that start beside it take as long.
func TestADeadContainerIsBackPatchedHardlyLaterThanItWouldBePlain(t *testing.T) {
	many := restarts(t)
	r := newRestarting(t, int32(many))
	plain := replicated(cluster.Deployment("plain", r.app.Reference), int32(many), 1, 0)
	r.Run(plain)
	r.base.Move("two")
	_, patched := r.opens()

	plainPods, pods := r.Pods(plain), r.Pods(r.workload)
	var plainTimes, patchedTimes []time.Duration
	for i := range many {
		plainTimes = append(plainTimes, r.backWithin(&plainPods[i], func(pod *corev1.Pod) string {
			if status := cluster.Status(pod); status.RestartCount == 0 || status.State.Running == nil || !status.Ready {
				return fmt.Sprintf("%+v", status)
			}
			return ""
		}))
		patchedTimes = append(patchedTimes, r.backWithin(&pods[i], runs(patched)))
	}
	later := median(patchedTimes) - median(plainTimes)
	t.Logf("from the kill to ready, plain:   median %s of %v", median(plainTimes), plainTimes)
	t.Logf("from the kill to ready, patched: median %s of %v", median(patchedTimes), patchedTimes)
	if later > atMostLater {
		t.Errorf("a container is back %s later patched than plain, and may be %s", later, atMostLater)
	}
	r.isReady(r.policy, respinv1alpha1.ReasonUpToDate)
	r.Says(r.workload, cluster.Container, "two")
	r.isNotTouched(r.workload)
}

// backWithin kills a pod's container, and is how long it lacks something from then on.
func (r *restarting) backWithin(pod *corev1.Pod, lacks func(*corev1.Pod) string) time.Duration {
	r.t.Helper()
	hit := time.Now()
	r.Kill(pod)
	cluster.Eventually(r.t, patchTimeout, "the container of "+pod.Name+" is back", func() string {
		r.Read(pod)
		return lacks(pod)
	})
	return time.Since(hit).Round(time.Millisecond)
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
