//go:build integration

package integration

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// staysAsItIs tells that the operators that come next write nothing.
func (s *scenario) staysAsItIs() {
	s.t.Helper()
	for range 2 {
		o := s.operator()
		s.run(o)
		if writes := o.life.writes.Load(); writes != 0 {
			s.t.Errorf("there are %d writes more: %s", writes, s.tell())
		}
	}
}

func (s *scenario) image(name string) string {
	s.t.Helper()
	return s.deployment(name).Spec.Template.Spec.Containers[0].Image
}

func (s *scenario) expectImage(name, image string) {
	s.t.Helper()
	if found := s.image(name); found != image {
		s.t.Errorf("deployment %s has %s, want %s: %s", name, found, image, s.tell())
	}
}

// rolled is a scenario whose deployment was patched.
func rolled(t *testing.T) *scenario {
	t.Helper()
	s := newScenario(t, healthy, "api")
	s.toTheEnd(s.operator())
	s.expectImage("api", s.patchedImage())
	return s
}

func (s *scenario) expectHeld(reason string) {
	s.t.Helper()
	s.expectState(respinv1alpha1.ImageHeld, reason)
	s.expectImage("api", s.own())
	s.staysAsItIs()
}

func TestAnImageThatSomeonePutBackWhileItWasWatchedIsHeld(t *testing.T) {
	t.Parallel()
	s := verified(t, healthy, baking, deployments("api"))
	s.work(s.operator())
	if state := s.onlyRun().Status.Workloads[0].State; state != respinv1alpha1.WorkloadBaking {
		t.Fatalf("it is %s", state)
	}
	s.update("api", running(s.own()))
	s.toTheEnd(s.operator())
	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonReverted)
	s.expectHeld(respinv1alpha1.ReasonReverted)
}

// lifted tells that the deployment is patched once more.
func (s *scenario) lifted(runs int) {
	s.t.Helper()
	s.toTheEnd(s.operator())
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	if s.image("api") == s.own() || len(s.runs()) != runs {
		s.t.Errorf("there are %d runs, want %d, and it has %s: %s", len(s.runs()), runs, s.image("api"), s.tell())
	}
	s.staysAsItIs()
}

func TestAHoldIsLiftedByANewBase(t *testing.T) {
	t.Parallel()
	s := rolled(t)
	s.update("api", running(s.own()))
	s.run(s.operator())
	s.expectHeld(respinv1alpha1.ReasonReverted)

	s.shelf.moveBase()
	s.lifted(2)
}

func TestAHoldIsLiftedByThePersonWhoAsksForIt(t *testing.T) {
	t.Parallel()
	s := rolled(t)
	s.update("api", running(s.own()))
	s.run(s.operator())
	s.expectHeld(respinv1alpha1.ReasonReverted)

	s.annotate(s.onlyRun(), respinv1alpha1.AnnotationRetry, "now")
	s.lifted(1)
}

func TestTheImageBeforeThePreviousOneIsHeldToo(t *testing.T) {
	t.Parallel()
	s := rolled(t)
	s.shelf.moveBase()
	s.toTheEnd(s.operator())
	if len(s.runs()) != 2 {
		t.Fatalf("there are %d runs", len(s.runs()))
	}

	s.update("api", running(s.own()))
	s.run(s.operator())
	s.expectHeld(respinv1alpha1.ReasonReverted)

	s.shelf.moveBase()
	s.lifted(3)
}

// flux sets the deployment's image as Flux does: by server-side apply with force, whatever it is now.
func (s *scenario) flux() {
	s.t.Helper()
	manifest := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"namespace": s.ns, "name": "api"},
		"spec": map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"app": "api"}},
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"app": "api"}},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "app0", "image": s.own()}}},
			},
		},
	}}
	s.must(live.Apply(s.t.Context(), client.ApplyConfigurationFromUnstructured(manifest), client.FieldOwner("kustomize-controller"), client.ForceOwnership))
}

// ofFlux is a scenario whose deployment Flux makes, and puts back whenever it looks.
func ofFlux(t *testing.T, change func(*respinv1alpha1.PatchPolicy)) *scenario {
	t.Helper()
	return verified(t, healthy, change, func(s *scenario, _ string) { s.flux() })
}

func TestWhatFluxPutsBackIsNotFoughtOver(t *testing.T) {
	t.Parallel()
	s := ofFlux(t, func(*respinv1alpha1.PatchPolicy) {})
	s.others = append(s.others, s.flux)
	s.toTheEnd(s.operator())

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonGitOpsConflict)
	degraded := meta.FindStatusCondition(s.thePolicy().Status.Conditions, respinv1alpha1.ConditionDegraded)
	if degraded == nil || degraded.Status != metav1.ConditionTrue || degraded.Reason != respinv1alpha1.ReasonGitOpsConflict {
		t.Errorf("the policy is degraded as %+v", degraded)
	}
	if d := s.deployment("api"); d.Generation != 3 {
		t.Errorf("it was changed %d times, want there and back", d.Generation-1)
	}
	s.expectHeld(respinv1alpha1.ReasonGitOpsConflict)

	s.shelf.moveBase() // with which it would be the same again
	s.run(s.operator())
	s.expectHeld(respinv1alpha1.ReasonGitOpsConflict)

	policy := s.thePolicy()
	policy.Spec.Rollout.Type = respinv1alpha1.OnRestart
	s.must(live.Update(t.Context(), policy))
	s.work(s.operator())
	s.expectState(respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatchingOnRestart)
	if d := s.deployment("api"); d.Generation != 3 || len(s.runs()) != 2 {
		t.Errorf("it was changed %d times, and there are %d runs: %s", d.Generation-1, len(s.runs()), s.tell())
	}
}

func TestWhatFluxPutsBackLaterIsAConflictToo(t *testing.T) {
	t.Parallel()
	s := ofFlux(t, func(*respinv1alpha1.PatchPolicy) {})
	s.toTheEnd(s.operator())
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	s.flux()
	s.play()
	s.run(s.operator())
	s.expectHeld(respinv1alpha1.ReasonGitOpsConflict)
}

// Whose an image was is known although the operator died once it had taken it.
func TestAConflictIsKnownAsSuchWhereverTheOperatorDied(t *testing.T) {
	t.Parallel()
	for n := int32(1); ; n++ {
		s := ofFlux(t, baking)
		alive := s.work(s.living(&life{last: n, afterLast: true}))
		s.work(s.operator())
		s.flux()
		s.play()
		s.toTheEnd(s.operator())
		s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonGitOpsConflict)
		if t.Failed() {
			t.Fatalf("when it died at write %d: %s", n, s.tell())
		}
		if alive {
			return
		}
	}
}
