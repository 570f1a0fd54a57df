//go:build integration

package integration

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func minutes(n int) metav1.Duration { return metav1.Duration{Duration: time.Duration(n) * time.Minute} }

func TestABaseIsUsedOnceItHasSettledAndSoakedHoweverOftenTheOperatorIsStarted(t *testing.T) {
	t.Parallel()
	s := patient(t)
	s.run(s.operator())
	s.expectState(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling)
	seen := s.thePolicy().Status.Bases[0].FirstSeen
	for _, each := range []struct {
		after  time.Duration
		reason string
	}{
		{time.Minute, respinv1alpha1.ReasonSettling}, {time.Minute, respinv1alpha1.ReasonSoaking}, {57 * time.Minute, respinv1alpha1.ReasonSoaking},
	} {
		s.clock.advance(each.after)
		o := s.operator()
		s.run(o)
		s.expectState(respinv1alpha1.ImageBehind, each.reason)
		if now := s.thePolicy().Status.Bases[0].FirstSeen; !now.Equal(seen) {
			t.Errorf("it was first seen at %s, and now at %s", seen, now)
		}
	}
	if s.next < 50*time.Second || s.next > time.Minute {
		t.Errorf("a minute before, it asks to be called again in %s", s.next)
	}
	s.clock.advance(s.next)
	s.toTheEnd(s.operator())
	expectPatched(t, s)
}

// patient is a policy whose base settles for 2 minutes and soaks for an hour.
func patient(t *testing.T, urgent ...string) *scenario {
	t.Helper()
	s := bare(t, healthy)
	s.deploy("api", s.shelf.app("shop/api"))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) {
		policy.Spec.Settle, policy.Spec.Soak = new(minutes(2)), new(minutes(60))
		policy.Spec.Urgent = urgent
	})
	s.play()
	return s
}

func TestABaseThatMovesAgainSettlesAnew(t *testing.T) {
	t.Parallel()
	s := patient(t)
	s.run(s.operator())
	s.clock.advance(time.Hour)
	s.shelf.moveBase()
	s.run(s.operator())
	s.expectState(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling)
}

func TestWhatIsUrgentSettlesAndDoesNotSoakNorWaitForAWindow(t *testing.T) {
	t.Parallel()
	s := patient(t)
	s.clock.set(inBerlin(t, "2035-01-15 12:00"))
	policy := s.thePolicy()
	policy.Spec.Urgent, policy.Spec.Rollout.Windows = []string{s.newBase}, atNight
	s.must(live.Update(t.Context(), policy))
	s.run(s.operator())
	s.expectState(respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling)

	s.clock.advance(2 * time.Minute)
	s.toTheEnd(s.operator())
	expectPatched(t, s)
}

// atNight is half past two in Berlin, for an hour: a time that one night in spring does not have, and one in autumn has
// twice.
var atNight = []respinv1alpha1.RolloutWindow{{Schedule: "30 2 * * *", Duration: minutes(60), TimeZone: "Europe/Berlin"}}

func inBerlin(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func windowed(policy *respinv1alpha1.PatchPolicy) {
	baking(policy)
	policy.Spec.Rollout.Windows = atNight
}

func TestAClosedWindowHoldsAndOpensAlsoWhereClocksChange(t *testing.T) {
	for sentence, test := range map[string]struct{ now, opens string }{
		"on any night":                               {"2035-01-15T12:00:00Z", "2035-01-16T01:30:00Z"},
		"in the night that skips its time":           {"2035-03-24T23:00:00Z", "2035-03-25T01:00:00Z"},
		"in the night after that":                    {"2035-03-25T02:00:30Z", "2035-03-26T00:30:00Z"},
		"in the night that has its time twice":       {"2035-10-27T23:00:00Z", "2035-10-28T00:30:00Z"},
		"when its time comes for the second time":    {"2035-10-28T01:30:01Z", "2035-10-29T01:30:00Z"},
		"in the night after that, by the clock then": {"2035-10-28T12:00:00Z", "2035-10-29T01:30:00Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := verified(t, healthy, windowed, deployments("api"))
			opens := utc(t, test.opens)
			for _, at := range []time.Time{utc(t, test.now), opens.Add(-2 * time.Second)} {
				s.clock.set(at)
				s.run(s.operator())
				s.expectWaiting("api", respinv1alpha1.ReasonWaitingForWindow)
				if next := s.thePolicy().Status.NextWindow; next == nil || !next.Time.Equal(opens) {
					t.Errorf("at %s the next window is told to open at %v, want %s", at, next, opens)
				}
			}
			if s.next > 3*time.Second {
				t.Errorf("two seconds before, it asks to be called again in %s", s.next)
			}

			s.clock.set(opens)
			s.work(s.operator())
			s.expectImage("api", s.patchedImage())

			s.clock.advance(61 * time.Minute) // what was begun in a window is watched to its end
			s.toTheEnd(s.operator())
			expectPatched(t, s)
		})
	}
}

// expectWaiting tells that a deployment is yet untouched, and that its run and its policy say why.
func (s *scenario) expectWaiting(name, reason string) {
	s.t.Helper()
	if d := s.deployment(name); d.Generation != 1 {
		s.t.Errorf("deployment %s was changed: %s", name, s.tell())
	}
	for _, run := range s.runs() {
		for _, w := range run.Status.Workloads {
			if w.Name == name && w.State == respinv1alpha1.WorkloadWaiting && w.Reason == reason {
				return
			}
		}
	}
	s.t.Errorf("deployment %s does not wait for %s: %s", name, reason, s.tell())
}

func TestARunThatWaitsForAWindowIsReplacedWhenItsBaseMoves(t *testing.T) {
	t.Parallel()
	s := verified(t, healthy, windowed, deployments("api"))
	s.clock.set(utc(t, "2035-01-15T12:00:00Z"))
	s.run(s.operator())
	s.expectWaiting("api", respinv1alpha1.ReasonWaitingForWindow)
	first := s.onlyRun()

	moved := s.shelf.moveBase()
	s.run(s.operator())
	second := s.onlyRun()
	if second.Name == first.Name || second.Spec.Base.To != moved {
		t.Errorf("the run is %s to %s, want another than %s", second.Name, second.Spec.Base.To, first.Name)
	}
	s.expectWaiting("api", respinv1alpha1.ReasonWaitingForWindow)
	s.clock.set(utc(t, "2035-01-16T01:30:00Z"))
	s.toTheEnd(s.operator())
	if d := s.deployment("api"); d.Generation != 2 || s.image("api") != second.Status.Output.Image {
		t.Errorf("it was changed %d times and has %s", d.Generation-1, s.image("api"))
	}
}

func TestARunThatHasAWorkloadUnderWayIsNotReplaced(t *testing.T) {
	t.Parallel()
	s := verified(t, healthy, baking, deployments("api", "worker"))
	s.work(s.operator())
	first := s.onlyRun()

	moved := s.shelf.moveBase()
	s.run(s.operator())
	if now := s.onlyRun(); now.Name != first.Name || !now.DeletionTimestamp.IsZero() {
		t.Errorf("the run is %s: %s", now.Name, s.tell())
	}
	s.clock.advance(2 * time.Minute) // the first is judged, and the second need not have what is old already
	o := s.operator()
	s.toTheEnd(o)
	for _, run := range s.runs() {
		for _, target := range run.Spec.Workloads {
			if target.Name == "worker" && run.Spec.Base.To == moved {
				s.expectImage("worker", run.Status.Output.Image)
			}
		}
	}
	s.expectState(respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonUpToDate)
}
