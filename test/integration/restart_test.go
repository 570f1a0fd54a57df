//go:build integration

package integration

import (
	"context"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	controllers "sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/onrestart"
	"github.com/respin-dev/respin/internal/restart"
	"github.com/respin-dev/respin/internal/rollout"
)

const (
	unpatched = "example.com/app:1"
	onRestart = "example.com/app:1-respin-1@sha256:1111111111111111111111111111111111111111111111111111111111111111"
)

// restarts is a namespace with a deployment, and with both restart controllers at work. There are no nodes: the test
// plays the kubelet's part.
type restarts struct {
	t      *testing.T
	ns     string
	d      *appsv1.Deployment
	index  *restart.Index
	events chan string
}

func newRestarts(t *testing.T) *restarts {
	t.Helper()
	ns := namespace(t)
	recorder := events.NewFakeRecorder(100)
	r := &restarts{t: t, ns: ns, d: deployment(t, ns, "api"), index: restart.NewIndex(), events: recorder.Events}
	ctx, cancel := context.WithCancel(t.Context())
	mgr, err := ctrl.NewManager(environment.Config, ctrl.Options{
		Scheme: scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
		Controller: controllers.Controller{SkipNameValidation: new(true)},
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{ns: {}}},
	})
	r.must(err)
	r.must((&onrestart.Keeper{Reader: mgr.GetClient(), Index: r.index}).SetupWithManager(mgr))
	r.must((&onrestart.Reconciler{Client: mgr.GetClient(), Index: r.index, Events: recorder, Now: time.Now}).SetupWithManager(mgr))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
	r.comes("the index is filled", r.index.Ready)
	return r
}

// in is the same for a subtest.
func (r *restarts) in(t *testing.T) *restarts {
	sub := *r
	sub.t = t
	return &sub
}

func (r *restarts) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *restarts) comes(what string, wanted func() bool) {
	r.t.Helper()
	err := wait.PollUntilContextTimeout(r.t.Context(), 5*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return wanted(), nil
	})
	if err != nil {
		r.t.Fatalf("it never comes to be that %s", what)
	}
}

// open creates a run that patches the deployment's pods as they start, and waits until the index has it.
func (r *restarts) open(name string) *respinv1alpha1.PatchRun {
	r.t.Helper()
	digest := "sha256:" + strings.Repeat("1", 64)
	run := &respinv1alpha1.PatchRun{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.ns, Name: name},
		Spec: respinv1alpha1.PatchRunSpec{
			Policy:  respinv1alpha1.PolicyReference{Name: "payments", UID: "policy"},
			Because: respinv1alpha1.Cause{Reason: "BaseMoved", Message: "the base moved"},
			Source: respinv1alpha1.SourceImage{
				Repository: "example.com/app", Digest: digest, OriginalDigest: digest, Platforms: []string{"linux/amd64"},
			},
			Base:   respinv1alpha1.BaseMove{Image: "example.com/base:1", To: digest},
			Method: respinv1alpha1.MethodRebase, Output: "example.com/app:1-respin-1",
			Rollout: respinv1alpha1.Delivery{
				Type: respinv1alpha1.OnRestart, HealthTimeout: metav1.Duration{Duration: time.Minute}, BakeTime: &metav1.Duration{},
			},
			Workloads: []respinv1alpha1.WorkloadTarget{{
				Kind: respinv1alpha1.KindDeployment, Name: r.d.Name, UID: r.d.UID,
				Containers: []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: unpatched}},
			}},
		},
	}
	r.must(live.Create(r.t.Context(), run))
	run.Status.Output = &respinv1alpha1.OutputStatus{Image: onRestart, Digest: digest}
	run.Status.Workloads = []respinv1alpha1.WorkloadStatus{{
		Kind: respinv1alpha1.KindDeployment, Name: r.d.Name, State: respinv1alpha1.WorkloadOpen,
	}}
	r.must(live.Status().Update(r.t.Context(), run))
	r.comes("the index has the run", func() bool { return r.index.Knows(r.ns) })
	return run
}

// pod creates one of the deployment's pods, whose containers run.
func (r *restarts) pod(change ...func(*corev1.Pod)) *corev1.Pod {
	r.t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.ns, GenerateName: "api-", Labels: r.d.Spec.Template.Labels,
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "api-5f6d", UID: "replicaset", Controller: new(true),
			}},
		},
		Spec: r.d.Spec.Template.Spec,
	}
	for _, c := range change {
		c(pod)
	}
	r.must(live.Create(r.t.Context(), pod))
	return pod
}

// becomes has the kubelet say of the container app what has become of it.
func (r *restarts) becomes(pod *corev1.Pod, state, last corev1.ContainerState) {
	r.t.Helper()
	pod.Status.Phase = corev1.PodRunning
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "app", Image: unpatched, ImageID: unpatched, State: state, LastTerminationState: last, RestartCount: 1,
	}}
	r.must(live.Status().Update(r.t.Context(), pod))
}

func (r *restarts) now(pod *corev1.Pod) *corev1.Pod {
	r.t.Helper()
	var found corev1.Pod
	r.must(live.Get(r.t.Context(), client.ObjectKeyFromObject(pod), &found))
	return &found
}

func (r *restarts) image(pod *corev1.Pod) string { return r.now(pod).Spec.Containers[0].Image }

func (r *restarts) isPatched(pod *corev1.Pod) {
	r.t.Helper()
	r.comes("pod "+pod.Name+" is patched", func() bool { return r.image(pod) == onRestart })
}

// stays tells that a pod is left alone, where the controller had as long as it takes it to replace another's image.
func (r *restarts) stays(pod *corev1.Pod) {
	r.t.Helper()
	witness := r.pod()
	r.becomes(witness, killed(), corev1.ContainerState{})
	r.isPatched(witness)
	if image := r.image(pod); image != pod.Spec.Containers[0].Image {
		r.t.Errorf("pod %s was given %s", pod.Name, image)
	}
}

func killed() corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: 137, Reason: "Error", StartedAt: metav1.NewTime(time.Now().Add(-time.Hour)), FinishedAt: metav1.Now(),
	}}
}

func startedAgo(d time.Duration) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(time.Now().Add(-d))}}
}

func TestAContainerThatCrashesHasItsImageReplacedInTheVerySamePod(t *testing.T) {
	r := newRestarts(t)
	r.open("payments-1")
	pod := r.pod(func(p *corev1.Pod) { p.Annotations = map[string]string{"example.com/kept": "yes"} })
	r.becomes(pod, startedAgo(time.Hour), corev1.ContainerState{})
	r.becomes(pod, killed(), corev1.ContainerState{})
	r.isPatched(pod)

	found := r.now(pod)
	record := restart.Records(found)["app"]
	if found.UID != pod.UID || found.Annotations[respinv1alpha1.AnnotationPatchedBy] != "payments-1" || found.Annotations["example.com/kept"] != "yes" {
		t.Errorf("the pod is %+v", found.ObjectMeta)
	}
	if record.From != unpatched || record.Run != "payments-1" || record.Restarts != 1 || record.ExitCode != 137 || record.Looping {
		t.Errorf("what was done is told as %+v", record)
	}
	if proxy := found.Spec.Containers[1].Image; proxy != "example.com/proxy:1" {
		t.Errorf("the other container was given %s", proxy)
	}
	if told := <-r.events; !strings.Contains(told, "Normal Patched its container app ended with exit code 137 (Error) and comes back on "+onRestart) {
		t.Errorf("it is told as %q", told)
	}
	if d := read(t, r.d); d.Object.GetGeneration() != 1 {
		t.Error("the deployment was changed")
	}
}

func TestACrashIsPatchedHoweverItIsMet(t *testing.T) {
	loop := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	for sentence, states := range map[string][2]corev1.ContainerState{
		"it ended":                  {killed(), {}},
		"its start is delayed":      {loop, killed()},
		"it was started again just": {startedAgo(time.Second), killed()},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := newRestarts(t)
			r.open("payments-1")
			pod := r.pod()
			r.becomes(pod, states[0], states[1])
			r.isPatched(pod)
		})
	}
}

func TestAPodThatCrashedBeforeTheRunIsPatchedWhenItOpens(t *testing.T) {
	r := newRestarts(t)
	pod := r.pod()
	r.becomes(pod, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}, killed())
	r.open("payments-1")
	r.isPatched(pod)
	if !restart.Records(r.now(pod))["app"].Looping {
		t.Error("it is not told that it crashed before")
	}
}

func TestPodsThatAreNotOursToPatchAreLeftAlone(t *testing.T) {
	r := newRestarts(t)
	r.open("payments-1")
	for sentence, change := range map[string]func(*corev1.Pod){
		"one that no controller made":     func(p *corev1.Pod) { p.OwnerReferences = nil },
		"one of a Job":                    func(p *corev1.Pod) { p.OwnerReferences[0].Kind = "Job" },
		"one that is not to be restarted": func(p *corev1.Pod) { p.Spec.RestartPolicy = corev1.RestartPolicyNever },
		"one with someone else's image":   func(p *corev1.Pod) { p.Spec.Containers[0].Image = "example.com/app:2" },
	} {
		t.Run(sentence, func(t *testing.T) {
			r := r.in(t)
			pod := r.pod(func(p *corev1.Pod) {
				p.Spec = *p.Spec.DeepCopy()
				change(p)
			})
			r.becomes(pod, killed(), corev1.ContainerState{})
			r.stays(pod)
		})
	}
	well := r.pod()
	r.becomes(well, startedAgo(restart.YoungStart+time.Second), killed())
	r.stays(well)
}

func TestNoPodIsPatchedOnceTheRunHasFailed(t *testing.T) {
	r := newRestarts(t)
	run := r.open("payments-1")
	run.Status.Conditions = []metav1.Condition{{
		Type: respinv1alpha1.ConditionHealthy, Status: metav1.ConditionFalse, Reason: "Unhealthy", LastTransitionTime: metav1.Now(),
	}}
	r.must(live.Status().Update(t.Context(), run))
	r.comes("the index has it no more", func() bool { return !r.index.Knows(r.ns) })
}

func TestAPodThatWasChangedMeanwhileIsLookedAtAgain(t *testing.T) {
	r := newRestarts(t)
	due := func(from string) []restart.Replacement {
		return []restart.Replacement{{Container: "app", From: from, To: onRestart, Run: "payments-1"}}
	}
	for sentence, change := range map[string]func(*restarts, *corev1.Pod){
		"its image was changed": func(r *restarts, pod *corev1.Pod) {
			now := r.now(pod)
			now.Spec.Containers[0].Image = "example.com/app:2"
			r.must(live.Update(t.Context(), now))
		},
		"it was made anew": func(_ *restarts, pod *corev1.Pod) { pod.UID = types.UID("another") },
		"it is gone": func(r *restarts, pod *corev1.Pod) {
			r.must(live.Delete(t.Context(), pod.DeepCopy(), client.GracePeriodSeconds(0)))
		},
		"it was given annotations": func(r *restarts, pod *corev1.Pod) {
			now := r.now(pod)
			now.Annotations = map[string]string{"example.com/kept": "yes"}
			r.must(live.Update(t.Context(), now))
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := r.in(t)
			pod := r.pod()
			change(r, pod)
			if done, err := restart.ReplaceImages(t.Context(), live, pod, due(unpatched)); done || err != nil {
				t.Errorf("got %t, %v", done, err)
			}
		})
	}
	if _, err := restart.ReplaceImages(t.Context(), live, r.pod(), []restart.Replacement{{
		Container: "app", From: unpatched, To: " no image ", Run: "payments-1",
	}}); err == nil {
		t.Error("an image that is none is taken for a pod that was changed")
	}
}

func TestThePreviousImageIsPutBackInTheVerySamePod(t *testing.T) {
	r := newRestarts(t)
	r.open("payments-1")
	pod := r.pod()
	r.becomes(pod, killed(), corev1.ContainerState{})
	r.isPatched(pod)

	patched := []rollout.ContainerImage{{Name: "app", Image: onRestart}}
	previous := []rollout.ContainerImage{{Name: "app", Image: unpatched}}
	back := restart.SwapBack(r.now(pod), patched, previous, "payments-1")
	if done, err := restart.ReplaceImages(t.Context(), live, r.now(pod), back); !done || err != nil {
		t.Fatalf("got %t, %v", done, err)
	}
	found := r.now(pod)
	if _, still := found.Annotations[respinv1alpha1.AnnotationPatchedBy]; still || found.Spec.Containers[0].Image != unpatched {
		t.Errorf("the pod has %s, and the annotations %v", found.Spec.Containers[0].Image, found.Annotations)
	}
	if record := restart.Records(found)["app"]; record.From != onRestart {
		t.Errorf("what was done is told as %+v", record)
	}
}
