//go:build integration

package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// plot is what an operator is at when it dies, and how it has to end all the same.
type plot struct {
	// begin leads to where the operator is that dies, and pushes tells that it has the image yet to push.
	begin  func(*testing.T) *scenario
	pushes bool
	phase  respinv1alpha1.RunPhase
	reason string
	// workloads are what becomes of each, as Kind/name.
	workloads map[string]end
	// also is what else has to be so.
	also func(*scenario)
}

// end is what becomes of a workload: what its template has, how often that was changed, and how its policy tells of the
// image.
type end struct {
	patched bool
	changes int64
	state   respinv1alpha1.ImageState
	reason  string
}

var (
	current   = end{patched: true, changes: 1, state: respinv1alpha1.ImageCurrent, reason: respinv1alpha1.ReasonUpToDate}
	takenBack = end{changes: 2, state: respinv1alpha1.ImageFailed, reason: respinv1alpha1.ReasonQuarantined}
)

// A process may end before any of its writes, or after one and before it hears of it. Whatever the moment, the next
// one comes to the same end: one run, one image, one rollout, and what the workloads ran before is still known. Where
// nothing is written but objects, what is left before a write is what is left after the one before.
func TestWhereverTheOperatorDiesTheNextOneComesToTheSameEnd(t *testing.T) {
	for sentence, plot := range plots() {
		for _, after := range []bool{true, false} {
			if !after && !plot.pushes {
				continue
			}
			t.Run(fmt.Sprintf("%s, with the last write done: %v", sentence, after), func(t *testing.T) {
				t.Parallel()
				plot.dieAtEveryWrite(t, after)
			})
		}
	}
}

func (p plot) dieAtEveryWrite(t *testing.T, after bool) {
	for n := int32(1); n < 100; n++ {
		s := p.begin(t)
		alive := s.toTheEnd(s.living(&life{last: n, afterLast: after}))
		s.toTheEnd(s.operator())
		third := s.operator()
		s.toTheEnd(third)
		if writes := third.life.writes.Load(); writes != 0 {
			t.Errorf("an operator that finds everything done makes %d writes", writes)
		}
		p.expect(s)
		if t.Failed() {
			t.Fatalf("when it died at write %d: %s", n, s.tell())
		}
		if alive {
			if n < 5 {
				t.Errorf("it made only %d writes: the test does not see them all", n-1)
			}
			return
		}
	}
	t.Fatal("it never comes to an end alive")
}

func (p plot) expect(s *scenario) {
	s.t.Helper()
	run := s.onlyRun()
	s.expectRun(run, p.phase, p.reason)
	s.expectOnePush(run)
	if len(run.Spec.Workloads) != len(p.workloads) || run.Status.Attempts != 1 {
		s.t.Errorf("it took %d attempts for %+v", run.Status.Attempts, run.Spec.Workloads)
	}
	for _, target := range run.Spec.Workloads {
		name := rollout.Label(target.Kind, target.Name)
		s.expectEnd(run, target, p.workloads[name])
		s.expectTold(name, p.workloads[name])
	}
	if p.also != nil {
		p.also(s)
	}
}

// own is the image that the scenario's workloads have before any run.
func (s *scenario) own() string { return s.shelf.host + "/shop/api:1" }

func (s *scenario) expectEnd(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget, wanted end) {
	s.t.Helper()
	w, err := rollout.Get(s.t.Context(), s.cluster, target.Kind, client.ObjectKey{Namespace: s.ns, Name: target.Name})
	s.must(err)
	image := s.own()
	if wanted.patched {
		image = run.Status.Output.Image
	}
	found, _ := w.Image("app0", false)
	if changes := w.Object.GetGeneration() - 1; found != image || changes != wanted.changes {
		s.t.Errorf("%s was changed %d times and has %s, want %d times and %s", w, changes, found, wanted.changes, image)
	}
	if previous := target.Containers[0].PreviousImage; previous != s.own() {
		s.t.Errorf("what %s ran before is said to be %s", w, previous)
	}
}

func (s *scenario) expectTold(workload string, wanted end) {
	s.t.Helper()
	told := false
	for _, image := range s.thePolicy().Status.Images {
		if !slices.Contains(image.Workloads, workload) {
			continue
		}
		if told = true; image.State != wanted.state || image.Reason != wanted.reason {
			s.t.Errorf("the image of %s is %s, %s: %s; want %s, %s", workload, image.State, image.Reason, image.Message, wanted.state, wanted.reason)
		}
	}
	if !told {
		s.t.Errorf("the policy does not tell of the image of %s", workload)
	}
}

// expectOnePush: a build may be begun again, but what it pushes is one digest. What a rebase pushes is the same whenever
// it is made, and has one tag.
func (s *scenario) expectOnePush(run *respinv1alpha1.PatchRun) {
	s.t.Helper()
	var built []string
	for _, o := range s.operators {
		built = append(built, o.workshop.built...)
	}
	if run.Spec.Method == respinv1alpha1.MethodRebase {
		if tags := s.shelf.tags("shop/api"); len(tags) != 2 || len(built) > 0 {
			s.t.Errorf("the tags are %v and the builds %v, want the app's, the run's and none", tags, built)
		}
		return
	}
	if len(slices.Compact(built)) != 1 {
		s.t.Errorf("the pushes were %v, want one digest", built)
	}
}

func expectPatched(t *testing.T, s *scenario) {
	t.Helper()
	plot{
		phase: respinv1alpha1.PhaseSucceeded, reason: respinv1alpha1.ReasonPatched,
		workloads: map[string]end{"Deployment/api": current}, also: lastPatched,
	}.expect(s)
}

func expectTakenBack(t *testing.T, s *scenario) {
	t.Helper()
	run, d := s.onlyRun(), s.deployment("api")
	s.expectRun(run, respinv1alpha1.PhaseRolledBack, respinv1alpha1.ReasonRolledBack)
	s.expectState(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
	if image := d.Spec.Template.Spec.Containers[0].Image; image != s.own() || d.Generation != 3 {
		t.Errorf("the deployment was changed %d times and has %s, want twice and its own image", d.Generation-1, image)
	}
	tellsWhy("CrashLoopBackOff")(s)
}

func lastPatched(s *scenario) {
	if s.thePolicy().Status.LastPatchedTime == nil {
		s.t.Error("it was never patched")
	}
}

// tellsWhy has the policy tell in these words why an image is not patched.
func tellsWhy(words string) func(*scenario) {
	return func(s *scenario) {
		for _, image := range s.thePolicy().Status.Images {
			if strings.Contains(image.Message, words) {
				return
			}
		}
		s.t.Errorf("the policy does not tell of %s: %+v", words, s.thePolicy().Status.Images)
	}
}
