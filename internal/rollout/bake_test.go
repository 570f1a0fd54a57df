package rollout

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func readyNow(p *corev1.Pod) {
	running(p)
	p.Status.ContainerStatuses[0].Ready = true
}

// endedAt has a container run again that ended at a time.
func endedAt(at time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		readyNow(p)
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: 3, Reason: "Error", FinishedAt: metav1.NewTime(at),
		}
	}
}

// unreadyFrom has a container run that has not been ready since a time.
func unreadyFrom(at time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		running(p)
		p.Status.Conditions = []corev1.PodCondition{{
			Type: corev1.ContainersReady, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(at),
		}}
	}
}

func bornAt(at time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(at) }
}

func TestBake(t *testing.T) {
	const bakeTime = time.Minute
	settled := Progress{Observed: true, Wanted: 1, Updated: 1, Available: 1}
	for sentence, test := range map[string]struct {
		pod     corev1.Pod
		after   time.Duration
		verdict Verdict
		reason  string
		message string
		again   time.Duration
	}{
		"one that was just found healthy bakes": {
			pod: pod("a", "new", readyNow), after: time.Second, verdict: Waiting, reason: respinv1alpha1.ReasonBaking,
			message: "healthy, and has to stay so until 2026-03-01T12:01:00Z", again: 59 * time.Second,
		},
		"one that stayed healthy is done": {
			pod: pod("a", "new", readyNow), after: bakeTime, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "1 of 1 pods are available on the patched image",
		},
		"a container that ends in the bake is not healthy, though it runs again": {
			pod: pod("a", "new", endedAt(noon.Add(20*time.Second))), after: 22 * time.Second, verdict: Unhealthy, reason: respinv1alpha1.ReasonRestarted,
			message: "container app of pod a came up and did not stay: it ended with exit code 3 (Error)",
		},
		"one that ended before it was healthy came up in the end": {
			pod: pod("a", "new", endedAt(noon.Add(-time.Second))), after: bakeTime, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "1 of 1 pods are available on the patched image",
		},
		"one that ends on another image is no matter": {
			pod: pod("a", "old", endedAt(noon.Add(time.Second))), after: bakeTime, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "1 of 1 pods are available on the patched image",
		},
		"one slow answer to a probe is no loss, and is looked at again": {
			pod: pod("a", "new", unreadyFrom(noon.Add(50*time.Second))), after: 55 * time.Second, verdict: Waiting, reason: respinv1alpha1.ReasonBaking,
			message: "healthy, and has to stay so until 2026-03-01T12:01:00Z", again: 5 * time.Second,
		},
		"a pod that stays unready is lost, also when the bake would be over": {
			pod: pod("a", "new", unreadyFrom(noon.Add(55*time.Second))), after: 65 * time.Second, verdict: Unhealthy,
			reason: respinv1alpha1.ReasonLostReadiness, message: "container app of pod a was ready and is not any more",
		},
		"a pod that an autoscaler adds is yet to be ready": {
			pod: pod("a", "new", unreadyFrom(noon.Add(time.Second)), bornAt(noon.Add(time.Second))), after: bakeTime, verdict: Healthy,
			reason: respinv1alpha1.ReasonHealthy, message: "1 of 1 pods are available on the patched image",
		},
		"a crash loop fails it": {
			pod: pod("a", "new", crashed(3, "Error", "")), after: time.Second, verdict: Unhealthy, reason: respinv1alpha1.ReasonUnhealthy,
			message: "container app of pod a: CrashLoopBackOff: it ended with exit code 3 (Error)",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			facts := Facts{Workload: Workload{Progress: settled}, Pods: []corev1.Pod{test.pod}, Images: newImages, Since: noon, Now: noon.Add(test.after)}
			health := Bake(facts, bakeTime)
			expectHealth(t, health, test.verdict, test.reason, test.message)
			if health.After != test.again {
				t.Errorf("it is looked at again after %s, want %s", health.After, test.again)
			}
		})
	}
}

func TestSick(t *testing.T) {
	for sentence, test := range map[string]struct {
		progress Progress
		pods     []corev1.Pod
		want     string
	}{
		"a workload whose pods are available is well": {progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 2}},
		"one that is scaled to nothing is well":       {progress: Progress{Observed: true}},
		"one that lacks a pod is not":                 {progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 1}, want: "1 of 2 pods are available"},
		"one in the middle of a rollout of someone's is not": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 1, Available: 2}, want: "1 of 2 pods run its template",
		},
		"one with OnDelete is judged by its pods, of whatever template": {progress: Progress{Observed: true, OnDelete: true, Wanted: 2, Updated: 1, Available: 2}},
		"a pod in trouble is told of": {
			progress: Progress{Observed: true, Wanted: 1, Updated: 1}, pods: []corev1.Pod{pod("a", "new", crashed(1, "Error", ""))},
			want: "container app of pod a: CrashLoopBackOff: it ended with exit code 1 (Error)",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := Sick(Workload{Progress: test.progress}, test.pods, newImages); found != test.want {
				t.Errorf("said %q, want %q", found, test.want)
			}
		})
	}
}
