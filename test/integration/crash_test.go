//go:build integration

package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// A process may end before any of its writes, or after one and before it hears of it. Whatever the moment, the next
// one comes to the same end: one run, one image, one rollout.
func TestWhereverTheOperatorDiesTheNextOneComesToTheSameEnd(t *testing.T) {
	for sentence, test := range map[string]struct {
		kubelet kubelet
		expect  func(t *testing.T, s *scenario)
	}{
		"when the patched image is healthy": {healthy, expectPatched},
		"when the patched image crashes":    {crashing, expectTakenBack},
	} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, with the last write done: %v", sentence, after), func(t *testing.T) {
				t.Parallel()
				dieAtEveryWrite(t, test.kubelet, after, test.expect)
			})
		}
	}
}

func dieAtEveryWrite(t *testing.T, k kubelet, after bool, expect func(*testing.T, *scenario)) {
	for n := int32(1); n < 100; n++ {
		s := newScenario(t, k, "api")
		first := newOperator(t, s.shelf.host, &life{last: n, afterLast: after})
		alive := s.run(first)
		second := newOperator(t, s.shelf.host, &life{})
		s.run(second)
		expect(t, s)
		expectOnePush(t, n, append(first.workshop.built, second.workshop.built...))
		if t.Failed() {
			t.Fatalf("when it died at write %d: %s", n, s.tell())
		}
		if alive {
			if n < 8 {
				t.Errorf("it made only %d writes: the test does not see them all", n-1)
			}
			return
		}
	}
	t.Fatal("it never comes to an end alive")
}

// expectOnePush: a build may be begun again, but what it pushes is one digest.
func expectOnePush(t *testing.T, n int32, built []string) {
	t.Helper()
	if len(slices.Compact(built)) != 1 {
		t.Errorf("when it died at write %d, the pushes were %v, want one digest", n, built)
	}
}

func expectPatched(t *testing.T, s *scenario) {
	t.Helper()
	run, d := s.onlyRun(), s.deployment("api")
	s.expectRun(run, respinv1alpha1.PhaseSucceeded, respinv1alpha1.ReasonPatched)
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
	if image := d.Spec.Template.Spec.Containers[0].Image; image != run.Status.Output.Image || d.Generation != 2 {
		t.Errorf("the deployment was changed %d times and has %s, want once and %s", d.Generation-1, image, run.Status.Output.Image)
	}
	if run.Status.Attempts != 1 || s.thePolicy().Status.LastPatchedTime == nil {
		t.Errorf("it took %d attempts and was last patched at %v", run.Status.Attempts, s.thePolicy().Status.LastPatchedTime)
	}
}

func expectTakenBack(t *testing.T, s *scenario) {
	t.Helper()
	run, d := s.onlyRun(), s.deployment("api")
	s.expectRun(run, respinv1alpha1.PhaseRolledBack, respinv1alpha1.ReasonRolledBack)
	s.expectState(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonRunFailed)
	if image := d.Spec.Template.Spec.Containers[0].Image; image != s.shelf.host+"/shop/api:1" || d.Generation != 3 {
		t.Errorf("the deployment was changed %d times and has %s, want twice and its own image", d.Generation-1, image)
	}
	if message := s.thePolicy().Status.Images[0].Message; !strings.Contains(message, "CrashLoopBackOff") {
		t.Errorf("the policy does not tell why: %s", message)
	}
}
