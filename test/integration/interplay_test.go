//go:build integration

package integration

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

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
	s.update("api", running(s.shelf.host+"/shop/api:1"))

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
	s.update("api", running("example.com/another:1"))

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

func TestARunThatPatchesPodsAsTheyStartIsJudgedAlthoughSuspended(t *testing.T) {
	s := newScenario(t, healthy, "api")
	policy := s.thePolicy()
	policy.Spec.Rollout.Type = respinv1alpha1.OnRestart
	s.must(live.Update(t.Context(), policy))
	run := s.until(s.operator(), func(run *respinv1alpha1.PatchRun) bool {
		return len(run.Status.Workloads) == 1 && run.Status.Workloads[0].State == respinv1alpha1.WorkloadOpen
	})
	s.suspend(true)
	s.crashOn(run.Status.Output.Image)

	s.run(s.operator())

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseRolledBack, respinv1alpha1.ReasonRolledBack)
}

// crashOn plays admission and the kubelet: the pod comes back on an image, and crashes.
func (s *scenario) crashOn(image string) {
	s.t.Helper()
	var pods corev1.PodList
	s.must(live.List(s.t.Context(), &pods, client.InNamespace(s.ns)))
	pod := &pods.Items[0]
	pod.Spec.Containers[0].Image = image
	s.must(live.Update(s.t.Context(), pod))
	status := &pod.Status.ContainerStatuses[0]
	status.State, _ = crashing(image)
	status.Image, status.Ready = image, false
	s.must(live.Status().Update(s.t.Context(), pod))
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
