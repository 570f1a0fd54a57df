//go:build integration

package integration

import (
	"context"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
)

func (s *scenario) operator() *operator { return newOperator(s.t, s.shelf.host, &life{}) }

// until works with an operator until a run is there that is as wanted.
func (s *scenario) until(o *operator, wanted func(*respinv1alpha1.PatchRun) bool) *respinv1alpha1.PatchRun {
	s.t.Helper()
	for range 50 {
		for _, run := range s.runs() {
			if wanted(&run) {
				return &run
			}
		}
		s.step(o)
	}
	s.t.Fatalf("no run comes to be as wanted: %s", s.tell())
	return nil
}

func isTrue(kind string) func(*respinv1alpha1.PatchRun) bool {
	return func(run *respinv1alpha1.PatchRun) bool {
		return meta.IsStatusConditionTrue(run.Status.Conditions, kind)
	}
}

// waits is a kubelet that never gets a patched image ready.
func waits(image string) (corev1.ContainerState, bool) {
	if strings.Contains(image, "respin-") {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}, false
	}
	return healthy(image)
}

func (s *scenario) update(name string, change func(*appsv1.Deployment)) {
	s.t.Helper()
	d := s.deployment(name)
	change(d)
	s.must(live.Update(s.t.Context(), d, client.FieldOwner("kubectl")))
	s.play()
}

func image(reference string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = reference }
}

func (s *scenario) annotate(o client.Object, key, value string) {
	s.t.Helper()
	before, ok := o.DeepCopyObject().(client.Object)
	if !ok {
		s.t.Fatalf("%T is no object", o)
	}
	o.SetAnnotations(map[string]string{key: value})
	s.must(live.Patch(s.t.Context(), o, client.MergeFrom(before)))
}

func TestOnceEverythingIsCurrentNothingIsWritten(t *testing.T) {
	s := newScenario(t, healthy, "api", "worker")
	s.run(s.operator())
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)

	again := s.operator()
	s.run(again)
	if writes := again.life.writes.Load(); writes != 0 {
		t.Errorf("an operator that finds nothing new makes %d writes", writes)
	}
}

func TestAFailureIsWrittenOnce(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.run(s.operator())
	again := s.operator()
	s.run(again)
	if writes := again.life.writes.Load(); writes != 0 {
		t.Errorf("an operator that finds nothing new makes %d writes", writes)
	}
}

func TestEveryImageOfAWorkloadIsPatched(t *testing.T) {
	s := newScenario(t, healthy)
	now := s.shelf.moveBase()
	s.deploy("api", s.shelf.app("shop/api"), s.shelf.app("shop/proxy"))
	s.play()
	if moved := s.shelf.moveBase(); moved == now {
		t.Fatal("the base did not move")
	}

	s.run(s.operator())

	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	for _, c := range s.deployment("api").Spec.Template.Spec.Containers {
		if !strings.Contains(c.Image, "respin-") {
			t.Errorf("container %s has %s", c.Name, c.Image)
		}
	}
}

func TestTakingOneImageBackKeepsTheOthers(t *testing.T) {
	s := newScenario(t, func(image string) (corev1.ContainerState, bool) {
		if strings.Contains(image, "/shop/proxy") {
			return crashing(image)
		}
		return healthy(image)
	})
	s.shelf.moveBase()
	s.deploy("api", s.shelf.app("shop/api"), s.shelf.app("shop/proxy"))
	s.play()
	s.shelf.moveBase()

	s.run(s.operator())

	containers := s.deployment("api").Spec.Template.Spec.Containers
	if !strings.Contains(containers[0].Image, "respin-") || containers[1].Image != s.shelf.host+"/shop/proxy:1" {
		t.Errorf("the containers have %s and %s: %s", containers[0].Image, containers[1].Image, s.tell())
	}
}

func TestAWorkloadOfTheSameImageThatTurnsUpLaterIsGivenTheImageThatIsThere(t *testing.T) {
	s := newScenario(t, healthy, "api")
	s.run(s.operator())
	s.deploy("later", s.shelf.host+"/shop/api:1")
	s.play()

	o := s.operator()
	s.run(o)

	first, later := s.deployment("api"), s.deployment("later")
	if image := later.Spec.Template.Spec.Containers[0].Image; image != first.Spec.Template.Spec.Containers[0].Image {
		t.Errorf("it has %s: %s", image, s.tell())
	}
	if len(s.runs()) != 2 || len(o.workshop.built) != 0 {
		t.Errorf("there are %d runs, and it was built anew: %v", len(s.runs()), o.workshop.built)
	}
}

func TestAPersonWhoPutsThePreviousImageBackHasTheLastWord(t *testing.T) {
	s := newScenario(t, healthy, "api")
	s.run(s.operator())
	s.update("api", image(s.shelf.host+"/shop/api:1"))

	s.run(s.operator())

	s.expectState(respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted)
	if found := s.deployment("api").Spec.Template.Spec.Containers[0].Image; found != s.shelf.host+"/shop/api:1" || len(s.runs()) != 1 {
		t.Errorf("it has %s: %s", found, s.tell())
	}
}

func TestAPersonWhoChangesTheImageWhileItIsWatchedHasTheLastWord(t *testing.T) {
	s := newScenario(t, waits, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionRolledOut))
	s.update("api", image("example.com/another:1"))

	s.run(o)

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonNothingToUpdate)
	if found := s.deployment("api").Spec.Template.Spec.Containers[0].Image; found != "example.com/another:1" {
		t.Errorf("it has %s", found)
	}
}

func TestAWorkloadThatIsMadeAnewDuringItsRunIsPatchedAfterIt(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionVerified))
	s.must(live.Delete(t.Context(), s.deployment("api")))
	s.deploy("api", s.shelf.host+"/shop/api:1")
	s.play()

	s.run(o)

	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	if len(s.runs()) != 2 {
		t.Errorf("there are %d runs: %s", len(s.runs()), s.tell())
	}
}

func TestARetryIsAnotherAttemptWithATagOfItsOwn(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.run(s.operator())
	failed := s.onlyRun()
	s.kubelet = healthy
	s.annotate(failed, respinv1alpha1.AnnotationRetry, "the database is back "+long(1000))

	s.run(s.operator())

	run := s.onlyRun()
	s.expectRun(run, respinv1alpha1.PhaseSucceeded, respinv1alpha1.ReasonPatched)
	if run.Status.Attempts != 2 || run.Status.Output.Image == failed.Status.Output.Image {
		t.Errorf("after %d attempts the output is %s", run.Status.Attempts, run.Status.Output.Image)
	}
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
}

func TestARunWaitsWhileItsPolicyIsSuspended(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionVerified))
	s.suspend(true)
	s.run(s.operator())
	run := s.onlyRun()
	if run.Status.Reason != respinv1alpha1.ReasonSuspended || s.deployment("api").Generation != 1 {
		t.Errorf("while it is suspended: %s", s.tell())
	}
	if ready := meta.FindStatusCondition(s.thePolicy().Status.Conditions, respinv1alpha1.ConditionReady); ready.Reason != respinv1alpha1.ReasonSuspended {
		t.Errorf("the suspended policy is %+v", ready)
	}

	s.suspend(false)
	s.run(s.operator())
	expectPatched(t, s)
}

func (s *scenario) suspend(yes bool) {
	s.t.Helper()
	policy := s.thePolicy()
	policy.Spec.Suspend = yes
	s.must(live.Update(s.t.Context(), policy))
}

func TestARunWhoseWorkloadWasChangedGoesToItsEndAlthoughSuspended(t *testing.T) {
	s := newScenario(t, waits, "api")
	s.until(s.operator(), isTrue(respinv1alpha1.ConditionRolledOut))
	s.suspend(true)
	s.kubelet = crashing
	s.update("api", func(d *appsv1.Deployment) { d.Spec.Template.Labels["new"] = "pods" })

	s.run(s.operator())

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseRolledBack, respinv1alpha1.ReasonRolledBack)
}

func TestAPolicyThatIsDeletedBeforeAWorkloadWasChangedEndsItsRun(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionVerified))
	s.must(live.Delete(t.Context(), s.thePolicy()))

	s.run(o)

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonPolicyGone)
	if s.deployment("api").Generation != 1 {
		t.Error("the deployment was changed")
	}
}

func TestAPolicyAndItsRunThatAreDeletedWhileAWorkloadIsWatchedLeaveItJudged(t *testing.T) {
	s := newScenario(t, waits, "api")
	o := s.operator()
	run := s.until(o, isTrue(respinv1alpha1.ConditionRolledOut))
	s.must(live.Delete(t.Context(), s.thePolicy()))
	s.must(live.Delete(t.Context(), run)) // as the garbage collector does
	s.kubelet = crashing
	s.update("api", func(d *appsv1.Deployment) { d.Spec.Template.Labels["new"] = "pods" })

	s.run(o)

	if left := s.runs(); len(left) != 0 {
		t.Errorf("the run is still there: %s", s.tell())
	}
	if found := s.deployment("api").Spec.Template.Spec.Containers[0].Image; found != s.shelf.host+"/shop/api:1" {
		t.Errorf("it has %s", found)
	}
}

func TestAWorkloadThatRefusesItsImageIsToldOfAndTriedAgain(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionVerified))
	working := o.runs.Client
	no := apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "deployments"}, "api", errors.New("images must be signed"))
	o.runs.Client = interceptor.NewClient(o.life.client(), interceptor.Funcs{
		Apply: func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
			return no
		},
	})
	key := client.ObjectKeyFromObject(s.onlyRun())

	if err := reconcile(s, o.runs, key); !apierrors.IsForbidden(err) {
		t.Errorf("the answer is %v, want the refusal, so that it is tried again later and later", err)
	}
	told := s.onlyRun()
	if w := told.Status.Workloads; len(w) != 1 || w[0].State != respinv1alpha1.WorkloadUpdating || !strings.Contains(w[0].Message, "images must be signed") {
		t.Errorf("nobody is told: %s", s.tell())
	}
	if meta.IsStatusConditionTrue(told.Status.Conditions, respinv1alpha1.ConditionRolledOut) {
		t.Error("it is said to be rolled out")
	}
	reconcile(s, o.runs, key)
	if s.onlyRun().ResourceVersion != told.ResourceVersion {
		t.Error("saying the same again is a write, which begins the next try at once")
	}

	o.runs.Client = working
	s.run(o)
	expectPatched(t, s)
}

func TestWhatAWorkloadSaysOfItselfMayBeLong(t *testing.T) {
	s := newScenario(t, waits, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionRolledOut))
	d := s.deployment("api")
	d.Status.Conditions = []appsv1.DeploymentCondition{{
		Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ReplicaSetCreateError", Message: strings.Repeat("ü", 4000),
	}}
	s.must(live.Status().Update(t.Context(), d))

	s.run(o)

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseRolledBack, respinv1alpha1.ReasonRolledBack)
}

func TestABuildThatFailsIsToldOfOnceInItsOwnWords(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	o.workshop.fails = &builder.FailedError{Step: "[2/2] RUN make", Reason: "exit code 2", Log: []string{strings.Repeat("ünder", 900)}}
	s.run(o)
	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonBuildFailed)
	s.expectState(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonRunFailed)

	again := s.operator()
	s.run(again)
	if writes := again.life.writes.Load(); writes != 0 {
		t.Errorf("it is told %d times more", writes)
	}
}

func TestAPolicyOfAnyNameGetsItsRuns(t *testing.T) {
	for sentence, name := range map[string]string{
		"long":                      strings.Repeat("a", 253),
		"cut before a dot":          strings.Repeat("a", 45) + ".b",
		"cut in a sequence of them": strings.Repeat("a", 44) + "-.b",
	} {
		t.Run(sentence, func(t *testing.T) {
			if strings.Contains(name, "-.") {
				name = strings.ReplaceAll(name, "-.", "--")
			}
			s := newScenario(t, healthy, "api")
			s.must(live.Delete(t.Context(), s.thePolicy()))
			s.keep(name, func(*respinv1alpha1.PatchPolicy) {})
			s.run(s.operator())
			expectPatched(t, s)
		})
	}
}

func TestTagsWhoseDigestNobodyTellsAreOneEntryOfTheStatus(t *testing.T) {
	s := newScenario(t, healthy)
	s.deploy("one", "example.com/loaded:1")
	s.deploy("two", "example.com/loaded:2")
	s.deploy("three", "Not/An:Image:"+long(600))
	s.play()

	s.run(s.operator())

	images := s.thePolicy().Status.Images
	if len(images) != 2 || images[0].Reason != respinv1alpha1.ReasonInvalidReference || images[1].Reason != respinv1alpha1.ReasonNoDigest {
		t.Errorf("the status tells of %+v", images)
	}
}

func TestAskingForACheckInManyWordsIsHandledOnce(t *testing.T) {
	s := newScenario(t, healthy, "api")
	s.run(s.operator())
	s.annotate(s.thePolicy(), respinv1alpha1.AnnotationReconcileAt, long(1000))
	s.run(s.operator())
	if handled := s.thePolicy().Status.LastHandledReconcileAt; !strings.HasPrefix(handled, "xxx") {
		t.Errorf("it was not handled: %q", handled)
	}
	again := s.operator()
	s.run(again)
	if again.life.writes.Load() != 0 {
		t.Error("it is handled again and again")
	}
}

func TestARollbackOfAWorkloadThatSomeoneChangedMeanwhileIsNone(t *testing.T) {
	s := newScenario(t, crashing, "api")
	o := s.operator()
	s.until(o, func(run *respinv1alpha1.PatchRun) bool {
		return meta.IsStatusConditionFalse(run.Status.Conditions, respinv1alpha1.ConditionHealthy)
	})
	s.update("api", image("example.com/another:1"))

	s.run(o)

	run := s.onlyRun()
	s.expectRun(run, respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonUnhealthy)
	if meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionRolledBack) != nil {
		t.Error("it is said to be rolled back")
	}
}

func TestWithoutRollbackThePatchedImageStays(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.must(live.Delete(t.Context(), s.thePolicy()))
	s.keep("careless", func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Rollback = new(bool) })

	s.run(s.operator())

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonUnhealthy)
	if found := s.deployment("api").Spec.Template.Spec.Containers[0].Image; !strings.Contains(found, "respin-") {
		t.Errorf("it has %s", found)
	}
}

func TestARolloutStopsAtTheFirstWorkloadThatIsNotHealthy(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.deploy("later", s.shelf.host+"/shop/api:1")
	s.play()

	s.run(s.operator())

	if touched := s.deployment("later").Generation; touched != 1 {
		t.Error("the second workload was changed, although the first was not healthy")
	}
	expectTakenBack(t, s)
}
