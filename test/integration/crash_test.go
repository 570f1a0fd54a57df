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
			for method, begin := range map[string]func(*testing.T, kubelet) *scenario{"rebuilt": toRebuild, "rebased": toRebase} {
				t.Run(fmt.Sprintf("%s, %s, with the last write done: %v", sentence, method, after), func(t *testing.T) {
					t.Parallel()
					dieAtEveryWrite(t, begin, test.kubelet, after, test.expect)
				})
			}
		}
	}
}

func toRebuild(t *testing.T, k kubelet) *scenario { return newScenario(t, k, "api") }

// toRebase is a scenario whose image tells which base it is on, and with a policy that declares nothing.
func toRebase(t *testing.T, k kubelet) *scenario {
	t.Helper()
	s := &scenario{t: t, ns: namespace(t), shelf: newShelf(t), kubelet: k}
	s.oldBase = s.shelf.moveBase()
	s.deploy("api", s.shelf.annotated("shop/api", s.oldBase))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) { policy.Spec.Images = nil })
	s.play()
	return s
}

func dieAtEveryWrite(t *testing.T, begin func(*testing.T, kubelet) *scenario, k kubelet, after bool, expect func(*testing.T, *scenario)) {
	for n := int32(1); n < 100; n++ {
		s := begin(t, k)
		first := newOperator(t, s.shelf.host, &life{last: n, afterLast: after})
		alive := s.run(first)
		second := newOperator(t, s.shelf.host, &life{})
		s.run(second)
		expect(t, s)
		expectOnePush(t, n, s, append(first.workshop.built, second.workshop.built...))
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

// expectOnePush: a build may be begun again, but what it pushes is one digest. What a rebase pushes is the same whenever
// it is made, and has one tag.
func expectOnePush(t *testing.T, n int32, s *scenario, built []string) {
	t.Helper()
	if s.onlyRun().Spec.Method == respinv1alpha1.MethodRebase {
		if tags := s.shelf.tags("shop/api"); len(tags) != 2 || len(built) > 0 {
			t.Errorf("when it died at write %d, the tags were %v and the builds %v, want the app's, the run's and none", n, tags, built)
		}
		return
	}
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
	s.expectState(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
	if image := d.Spec.Template.Spec.Containers[0].Image; image != s.shelf.host+"/shop/api:1" || d.Generation != 3 {
		t.Errorf("the deployment was changed %d times and has %s, want twice and its own image", d.Generation-1, image)
	}
	if message := s.thePolicy().Status.Images[0].Message; !strings.Contains(message, "CrashLoopBackOff") {
		t.Errorf("the policy does not tell why: %s", message)
	}
}
