//go:build integration

package integration

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

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
