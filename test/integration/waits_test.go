//go:build integration

package integration

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// inWaves is a canary with an image of its own, and a worker with another.
func inWaves(t *testing.T, k kubelet) *scenario {
	t.Helper()
	s := bare(t, k)
	canary := map[string]string{"tier": "canary"}
	s.deployed("zebra", func(d *appsv1.Deployment) { d.Labels = canary }, s.shelf.app("shop/zebra"))
	s.deploy("api", s.shelf.app("shop/api"))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) {
		baking(policy)
		policy.Spec.Rollout.Budget.MaxConcurrent = 5
		policy.Spec.Rollout.Waves = []respinv1alpha1.RolloutWave{{Selector: metav1.LabelSelector{MatchLabels: canary}}}
	})
	s.play()
	return s
}

func TestAWaveBeginsWhenTheOneBeforeHasBaked(t *testing.T) {
	t.Parallel()
	s := inWaves(t, healthy)
	s.work(s.operator())
	s.expectWaiting("api", respinv1alpha1.ReasonWaitingForWave)
	if s.deployment("zebra").Generation != 2 {
		t.Errorf("the canary was not changed: %s", s.tell())
	}
	s.clock.advance(2*time.Minute - 5*time.Second)
	s.work(s.operator())
	s.expectWaiting("api", respinv1alpha1.ReasonWaitingForWave)

	s.toTheEnd(s.operator())
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	if s.deployment("api").Generation != 2 {
		t.Errorf("the worker was not changed: %s", s.tell())
	}
}

func TestAWaveDoesNotBeginWhenTheOneBeforeFailed(t *testing.T) {
	t.Parallel()
	s := inWaves(t, crashing)
	s.run(s.operator())
	s.expectWaiting("api", respinv1alpha1.ReasonWaveFailed)
	if image := s.image("zebra"); strings.Contains(image, "respin-") {
		t.Errorf("the canary has %s", image)
	}
	s.staysAsItIs()
}

// sick has every image of its own not come up, and patched ones do.
func sick(image string) (corev1.ContainerState, bool) {
	if strings.Contains(image, "respin-") {
		return healthy(image)
	}
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, false
}

func TestWhatWasNotHealthyBeforeIsNotTouchedUnlessForced(t *testing.T) {
	t.Parallel()
	s := newScenario(t, sick, "api")
	s.run(s.operator())
	s.expectWaiting("api", respinv1alpha1.ReasonUnhealthyBefore)
	s.staysAsItIs()

	policy := s.thePolicy()
	policy.Spec.Rollout.Force = true
	s.must(live.Update(t.Context(), policy))
	s.toTheEnd(s.operator())
	expectPatched(t, s)
}

func TestADeploymentThatIsPausedIsPatchedWhenItIsResumed(t *testing.T) {
	t.Parallel()
	s := newScenario(t, healthy, "api")
	s.until(s.operator(), isTrue(respinv1alpha1.ConditionVerified))
	s.update("api", func(d *appsv1.Deployment) { d.Spec.Paused = true })
	s.run(s.operator())
	s.expectUntouched("api", respinv1alpha1.ReasonPaused)
	s.staysAsItIs()

	s.update("api", func(d *appsv1.Deployment) { d.Spec.Paused = false })
	s.toTheEnd(s.operator())
	s.expectImage("api", s.patchedImage())
}

// expectUntouched is expectWaiting for a deployment that others have changed.
func (s *scenario) expectUntouched(name, reason string) {
	s.t.Helper()
	s.expectImage(name, s.own())
	if w := s.onlyRun().Status.Workloads; len(w) != 1 || w[0].Reason != reason {
		s.t.Errorf("it does not wait for %s: %s", reason, s.tell())
	}
}

func TestAWorkloadThatMayMissNoPodWaitsWhereItsStrategyWouldTakeOneAway(t *testing.T) {
	t.Parallel()
	s := bare(t, healthy)
	s.deployed("api", func(d *appsv1.Deployment) { d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType }, s.shelf.app("shop/api"))
	s.newBase = s.shelf.moveBase()
	budget := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "all"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "api"}}},
	}
	s.must(live.Create(t.Context(), budget))
	s.keep("payments", func(*respinv1alpha1.PatchPolicy) {})
	s.play()
	s.run(s.operator())
	s.expectUntouched("api", respinv1alpha1.ReasonDisruptionBudget)
	s.staysAsItIs()

	budget.Status.DisruptionsAllowed = 1
	s.must(live.Status().Update(t.Context(), budget))
	s.toTheEnd(s.operator())
	expectPatched(t, s)
}

func TestWithoutARolloutThePatchedImageIsOnlyPushed(t *testing.T) {
	t.Parallel()
	s := bare(t, healthy)
	s.deploy("api", s.shelf.app("shop/api"))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) { policy.Spec.Rollout.Type = respinv1alpha1.NoRollout })
	s.play()
	s.run(s.operator())
	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseSucceeded, respinv1alpha1.ReasonPushedOnly)
	s.expectState(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonPublished)
	s.expectImage("api", s.own())
	s.staysAsItIs()
	if patched := s.thePolicy().Status.Images[0].Patched; patched != s.patchedImage() {
		t.Errorf("what is published is told as %q", patched)
	}
}

func TestOfAPolicyThatIsDeletedWhatIsUnderWayIsJudgedAndTheRestUntouched(t *testing.T) {
	for sentence, test := range map[string]struct {
		other   func(*scenario) func()
		patched bool
	}{
		"where it stays healthy":    {nil, true},
		"where it does not stay so": {fallsOver, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := verified(t, healthy, baking, deployments("worker", "zebra"))
			if test.other != nil {
				s.others = append(s.others, test.other(s))
			}
			o := s.operator()
			s.work(o)
			run := s.onlyRun()
			s.must(live.Delete(t.Context(), s.thePolicy()))
			s.must(live.Delete(t.Context(), run)) // as the garbage collector does
			s.work(o)
			s.clock.advance(2 * time.Minute)
			s.play()
			s.run(o)

			if left := s.runs(); len(left) != 0 {
				t.Errorf("the run is still there: %s", s.tell())
			}
			if s.deployment("zebra").Generation != 1 {
				t.Error("the one that waited was changed")
			}
			if patched := s.image("worker") == run.Status.Output.Image; patched != test.patched {
				t.Errorf("the one that was under way has %s", s.image("worker"))
			}
		})
	}
}
