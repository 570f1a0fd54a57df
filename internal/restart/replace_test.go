package restart

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/rollout"
)

func TestReplace(t *testing.T) {
	phase := func(phase corev1.PodPhase) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Status.Phase = phase } }
	policy := func(policy corev1.RestartPolicy) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.Spec.RestartPolicy = policy }
	}
	deleted := func(p *corev1.Pod) { p.DeletionTimestamp = new(ago(time.Second)) }
	long := func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].State.Terminated.StartedAt = ago(time.Hour)
	}
	type states = []func(*corev1.Pod)
	for sentence, test := range map[string]struct {
		image   string
		states  states
		reason  string // empty where nothing is replaced
		code    int32
		looping bool
	}{
		"one that was killed":                       {plain, states{ended(137, "Error")}, "Error", 137, false},
		"one that ran out of memory":                {plain, states{ended(137, "OOMKilled")}, "OOMKilled", 137, false},
		"one that ended and whose start is delayed": {plain, states{waiting(rollout.CrashLoop), endedBefore(1, "Error")}, "Error", 1, true},
		"one that ended soon after it had before":   {plain, states{ended(1, "Error"), endedBefore(1, "Error")}, "Error", 1, true},
		"one that ended long after it had before":   {plain, states{ended(1, "Error"), long, endedBefore(1, "Error")}, "Error", 1, false},
		"one that was started again just now":       {plain, states{running(2 * time.Second), endedBefore(137, "Error")}, "Error", 137, false},
		"one whose node's clock is ahead":           {plain, states{running(-2 * time.Second), endedBefore(137, "Error")}, "Error", 137, false},
		"one in a pod that restarts on failure":     {plain, states{ended(2, "Error"), policy(corev1.RestartPolicyOnFailure)}, "Error", 2, false},

		"one that was started again a while ago is left":    {plain, states{running(YoungStart), endedBefore(137, "Error")}, "", 0, false},
		"one that never ended is left":                      {plain, states{running(time.Second)}, "", 0, false},
		"one that had done its work is left":                {plain, states{ended(0, "Completed")}, "", 0, false},
		"one that ends again and again in order is left":    {plain, states{waiting(rollout.CrashLoop), endedBefore(0, "Completed")}, "", 0, false},
		"one that starts again after an end in order":       {plain, states{running(time.Second), endedBefore(0, "Completed")}, "", 0, false},
		"one whose image cannot be pulled is left":          {plain, states{waiting("ImagePullBackOff"), endedBefore(1, "Error")}, "", 0, false},
		"one that is being made is left":                    {plain, states{waiting("ContainerCreating")}, "", 0, false},
		"one in a pod that is deleted is left":              {plain, states{ended(137, "Error"), deleted}, "", 0, false},
		"one in a pod that failed is left":                  {plain, states{ended(137, "Error"), phase(corev1.PodFailed)}, "", 0, false},
		"one in a pod that succeeded is left":               {plain, states{ended(137, "Error"), phase(corev1.PodSucceeded)}, "", 0, false},
		"one that is not to be started again is left":       {plain, states{ended(137, "Error"), policy(corev1.RestartPolicyNever)}, "", 0, false},
		"one on the patched image is left":                  {fixed, states{ended(137, "Error")}, "", 0, false},
		"one on an image that nobody patched is left":       {"example.com/api:2", states{ended(137, "Error")}, "", 0, false},
		"one in a pod that no controller made is left":      {plain, states{ended(137, "Error"), owned()}, "", 0, false},
		"one beside another container that crashed is left": {plain, states{ended(137, "Error"), nameStatus("proxy")}, "", 0, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			due := Replace(pod("api-1", test.image, append(test.states, restarted(3))...), []Entry{entry()}, now)
			if (len(due) == 1) != (test.reason != "") {
				t.Fatalf("got %+v", due)
			}
			if len(due) == 0 {
				return
			}
			want := Replacement{
				Container: "app", From: plain, To: fixed, Run: "a", Restarts: 3, Reason: test.reason, ExitCode: test.code, Looping: test.looping,
			}
			if due[0] != want {
				t.Errorf("got %+v, want %+v", due[0], want)
			}
		})
	}
}

// nameStatus has the pod's one status be another container's.
func nameStatus(name string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].Name = name }
}

func TestAnInitContainerThatCrashedIsReplaced(t *testing.T) {
	p := pod("api-1", plain, ended(1, "Error"))
	p.Spec.InitContainers, p.Spec.Containers = p.Spec.Containers, nil
	p.Status.InitContainerStatuses, p.Status.ContainerStatuses = p.Status.ContainerStatuses, nil
	e := entry()
	e.Init = true
	if due := Replace(p, []Entry{entry(), e}, now); len(due) != 1 || !due[0].Init {
		t.Errorf("got %+v", due)
	}
}

func TestSwapBack(t *testing.T) {
	patched := []rollout.ContainerImage{{Name: "proxy", Image: "example.com/proxy:1"}, {Name: "app", Image: fixed}}
	previous := []rollout.ContainerImage{{Name: "proxy", Image: "example.com/proxy:1"}, {Name: "app", Image: plain}}
	due := SwapBack(pod("api-1", fixed, waiting(rollout.CrashLoop), endedBefore(1, "Error"), restarted(4)), patched, previous, "a")
	want := Replacement{Container: "app", From: fixed, To: plain, Run: "a", Back: true, Restarts: 4, Reason: "Error", ExitCode: 1}
	if len(due) != 1 || due[0] != want {
		t.Errorf("got %+v, want %+v", due, want)
	}
	if due := SwapBack(pod("api-1", fixed, ended(1, "Error")), patched, previous, "a"); len(due) != 1 || due[0].ExitCode != 1 {
		t.Errorf("one that is not started again yet: got %+v", due)
	}
	for sentence, p := range map[string]*corev1.Pod{
		"one on the previous image": pod("api-1", plain),
		"one on a newer image":      pod("api-1", newer),
		"one that is deleted":       pod("api-1", fixed, func(p *corev1.Pod) { p.DeletionTimestamp = new(ago(0)) }),
		"one that failed":           pod("api-1", fixed, func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }),
	} {
		if due := SwapBack(p, patched, previous, "a"); len(due) != 0 {
			t.Errorf("%s: got %+v", sentence, due)
		}
	}
}
