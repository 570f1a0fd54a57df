package rollout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestJudge(t *testing.T) {
	settled := Progress{Observed: true, Wanted: 2, Updated: 2, Available: 2}
	stuck := Progress{Observed: true, Wanted: 2, Updated: 2, Available: 1, Failed: "ReplicaSet has timed out progressing."}
	for sentence, test := range map[string]struct {
		progress Progress
		pods     []corev1.Pod
		waited   time.Duration
		verdict  Verdict
		reason   string
		message  string
	}{
		"all pods available is healthy": {
			progress: settled, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "2 of 2 pods are available on the patched image",
		},
		"a status of an earlier template says nothing, not even that it failed": {
			progress: Progress{Wanted: 2, Updated: 2, Available: 2, Failed: "of before"}, verdict: Waiting,
			reason: respinv1alpha1.ReasonWaiting, message: "its controller has not seen the new template yet",
		},
		"pods that are yet to be updated are waited for": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 1, Available: 2}, verdict: Waiting,
			reason: respinv1alpha1.ReasonWaiting, message: "1 of 2 pods run the patched image",
		},
		"old pods are waited for": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 2, Old: 1}, verdict: Waiting,
			reason: respinv1alpha1.ReasonWaiting, message: "1 old pods are yet to end",
		},
		"pods that are not available are waited for": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 1}, verdict: Waiting,
			reason: respinv1alpha1.ReasonWaiting, message: "1 of 2 pods are available",
		},
		"and not for ever": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 1}, waited: time.Minute, verdict: Unhealthy,
			reason: respinv1alpha1.ReasonTimedOut, message: "not healthy within 1m0s: 1 of 2 pods are available",
		},
		"the time-out names a pod that is not ready": {
			progress: Progress{Observed: true, Wanted: 2, Updated: 2, Available: 1}, waited: time.Minute,
			pods: []corev1.Pod{pod("api-1", "new", running)}, verdict: Unhealthy, reason: respinv1alpha1.ReasonTimedOut,
			message: "not healthy within 1m0s: 1 of 2 pods are available; container app of pod api-1 runs but is not ready",
		},
		"healthy at the last moment is healthy": {progress: settled, waited: time.Hour, verdict: Healthy,
			reason: respinv1alpha1.ReasonHealthy, message: "2 of 2 pods are available on the patched image"},
		"the workload's own verdict ends the wait": {
			progress: stuck, verdict: Unhealthy, reason: respinv1alpha1.ReasonUnhealthy, message: "ReplicaSet has timed out progressing.",
		},
		"a pod's trouble goes before the workload's verdict": {
			progress: stuck, pods: []corev1.Pod{pod("api-1", "new", waiting("ImagePullBackOff", "no such image"))},
			verdict: Unhealthy, reason: respinv1alpha1.ReasonUnhealthy,
			message: "container app of pod api-1: ImagePullBackOff: no such image",
		},
		"with OnDelete the template is all that is wanted": {
			progress: Progress{Observed: true, OnDelete: true, Wanted: 3}, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "the template is updated; with updateStrategy OnDelete pods come back patched as they are deleted",
		},
		"no pods wanted are healthy": {
			progress: Progress{Observed: true}, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "0 of 0 pods are available on the patched image",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			facts := Facts{Workload: Workload{Progress: test.progress}, Pods: test.pods, Images: newImages, Since: noon, Now: noon.Add(test.waited)}
			expectHealth(t, Judge(facts, time.Minute), test.verdict, test.reason, test.message)
		})
	}
}

func expectHealth(t *testing.T, health Health, verdict Verdict, reason, message string) {
	t.Helper()
	if health.Verdict != verdict || health.Reason != reason || health.Message != message {
		t.Errorf("judged %s, %s: %s; want %s, %s: %s", health.Verdict, health.Reason, health.Message, verdict, reason, message)
	}
}

// words are what is told of a trouble, nothing where there is none.
func words(trouble *Health) string {
	if trouble == nil {
		return ""
	}
	return trouble.Message
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var newImages = []ContainerImage{{Name: "app", Image: "new"}, {Name: "init", Init: true, Image: "new"}}

func pod(name, image string, states ...func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{}
	p.Name = name
	p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: image}}
	p.Spec.Containers = []corev1.Container{{Name: "other", Image: "other"}, {Name: "app", Image: image}}
	for _, state := range states {
		state(&p)
	}
	return p
}

func running(p *corev1.Pod) {
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
	}}
}

func waiting(reason, message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: wait(reason, message)}}
	}
}

func wait(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func crashed(code int32, reason, message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		waiting("CrashLoopBackOff", "back-off 10s restarting failed container")(p)
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: code, Reason: reason, Message: message,
		}
	}
}

func TestReasonsForWhichAContainerWaits(t *testing.T) {
	for reason, trouble := range map[string]bool{
		"CrashLoopBackOff": true, "CreateContainerConfigError": true, "CreateContainerError": true, "ErrImageNeverPull": true,
		"ImagePullBackOff": true, "InvalidImageName": true, "RunContainerError": true,
		"ContainerCreating": false, "PodInitializing": false, "ErrImagePull": false, "": false,
	} {
		found := words(podTrouble([]corev1.Pod{pod("api-1", "new", waiting(reason, "words"))}, newImages))
		if want := "container app of pod api-1: " + reason + ": words"; trouble && found != want || !trouble && found != "" {
			t.Errorf("waiting for %q is the trouble %q", reason, found)
		}
	}
}

func TestPodTrouble(t *testing.T) {
	deleted := func(p *corev1.Pod) { p.DeletionTimestamp = &p.CreationTimestamp; p.DeletionTimestamp.Time = time.Now() }
	evicted := func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }
	pull := waiting("ImagePullBackOff", "no such image")
	for sentence, test := range map[string]struct {
		pods []corev1.Pod
		want string
	}{
		"no pod is no trouble":                                     {},
		"a pod that runs is none":                                  {pods: []corev1.Pod{pod("a", "new", running)}},
		"a pod without statuses yet is none":                       {pods: []corev1.Pod{pod("a", "new")}},
		"a pod of the old image is none":                           {pods: []corev1.Pod{pod("a", "old", pull)}},
		"a pod that is being deleted is none":                      {pods: []corev1.Pod{pod("a", "new", pull, deleted)}},
		"a pod that was evicted is none":                           {pods: []corev1.Pod{pod("a", "new", pull, evicted)}},
		"the first pod in trouble is told of":                      {[]corev1.Pod{pod("a", "new", running), pod("b", "new", pull), pod("c", "new", pull)}, "container app of pod b: ImagePullBackOff: no such image"},
		"a crash is told with how it ended":                        {[]corev1.Pod{pod("a", "new", crashed(1, "Error", ""))}, "container app of pod a: CrashLoopBackOff: it ended with exit code 1 (Error)"},
		"one crash alone is none":                                  {pods: []corev1.Pod{pod("a", "new", ended(1))}},
		"two in a row are a loop, also before the kubelet says so": {[]corev1.Pod{pod("a", "new", ended(1), endedBefore(1))}, "container app of pod a: CrashLoopBackOff: it ended with exit code 1 (Error)"},
		"an end in order before is no crash":                       {pods: []corev1.Pod{pod("a", "new", ended(1), endedBefore(0))}},
		"a crash is told in the container's words":                 {[]corev1.Pod{pod("a", "new", crashed(137, "OOMKilled", "out of memory"))}, "container app of pod a: CrashLoopBackOff: it ended with exit code 137 (OOMKilled): out of memory"},
		"an init container's trouble is the pod's":                 {[]corev1.Pod{pod("a", "new", initWaiting)}, "container init of pod a: ImagePullBackOff"},
		"trouble in a container of another image is no matter":     {pods: []corev1.Pod{pod("a", "new", otherWaiting)}},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := words(podTrouble(test.pods, newImages)); found != test.want {
				t.Errorf("the trouble is %q, want %q", found, test.want)
			}
		})
	}
}

// ended has a container end this moment, and endedBefore has it have ended before that.
func ended(code int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Error"},
		}}}
	}
}

func endedBefore(code int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: code}
	}
}

func initWaiting(p *corev1.Pod) {
	p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", State: wait("ImagePullBackOff", "")}}
}

func otherWaiting(p *corev1.Pod) {
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "other", State: wait("CrashLoopBackOff", "")}}
}

func TestPodsWordsAreShort(t *testing.T) {
	for _, said := range []string{strings.Repeat("x", 9000), strings.Repeat("ü", 9000), fmt.Sprint(strings.Repeat("日", 341), "日本")} {
		found := words(podTrouble([]corev1.Pod{pod("a", "new", crashed(1, "Error", said))}, newImages))
		if len(found) > 1200 || strings.ToValidUTF8(found, "") != found {
			t.Errorf("%d bytes are told, or half a character", len(found))
		}
	}
}
