package plan

import (
	"strings"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestHowLongABaseIsWaitedFor(t *testing.T) {
	const settle, soak = 2 * time.Minute, time.Hour
	for sentence, test := range map[string]struct {
		policy *respinv1alpha1.PatchPolicy
		age    time.Duration
		reason string
		until  time.Duration // from when the base moved
		says   string
	}{
		"a policy that says nothing waits for nothing": {payments(), 0, "", 0, ""},
		"a base that moved this moment settles": {
			payments(settling(settle, 0)), 0, respinv1alpha1.ReasonSettling, settle, debian + " moved and has to stay where it is for 2m0s: until 2026-03-01T12:02:00Z",
		},
		"until a moment before it has stayed":    {payments(settling(settle, 0)), settle - 1, respinv1alpha1.ReasonSettling, settle, ""},
		"and no longer":                          {payments(settling(settle, 0)), settle, "", 0, ""},
		"one that is to soak settles first":      {payments(settling(settle, soak)), settle - 1, respinv1alpha1.ReasonSettling, settle, ""},
		"and soaks then":                         {payments(settling(settle, soak)), settle, respinv1alpha1.ReasonSoaking, soak, newBase + " has to be known for 1h0m0s: until "},
		"until a moment before it is known":      {payments(settling(settle, soak)), soak - 1, respinv1alpha1.ReasonSoaking, soak, ""},
		"and no longer than that":                {payments(settling(settle, soak)), soak, "", 0, ""},
		"soak is from the same moment as settle": {payments(settling(soak, soak)), soak, "", 0, ""},
		"one that soaks without settling":        {payments(settling(0, soak)), 0, respinv1alpha1.ReasonSoaking, soak, ""},
		"what is urgent settles":                 {payments(settling(settle, soak), urgent(newBase)), settle - 1, respinv1alpha1.ReasonSettling, settle, ""},
		"and does not soak":                      {payments(settling(settle, soak), urgent(newBase)), settle, "", 0, ""},
		"another digest's urgency is no matter":  {payments(settling(settle, soak), urgent(oldBase)), settle, respinv1alpha1.ReasonSoaking, soak, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			wait := tooYoung(test.policy, behind(known(test.age)))
			if wait == nil {
				wait = &Wait{}
			}
			if wait.Reason != test.reason || !strings.Contains(wait.Message, test.says) {
				t.Errorf("it waits: %q, %q; want %q, %q", wait.Reason, wait.Message, test.reason, test.says)
			}
			moved := noon.Add(-test.age)
			if test.reason != "" && !wait.Until.Equal(moved.Add(test.until)) {
				t.Errorf("it waits until %s, want %s", wait.Until, moved.Add(test.until))
			}
		})
	}
}

func TestWhatIsDecidedWhileABaseSettles(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	for sentence, test := range map[string]struct {
		facts  Facts
		runs   runs
		state  respinv1alpha1.ImageState
		reason string
		run    string
	}{
		"no run is created": {behind(), nil, respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling, ""},
		"a run for the same digest goes on": {
			behind(), runs{theRun(behind(), named("r"))}, respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatching, "r",
		},
		"a run for an earlier digest goes on": {
			behind(onNextBase), runs{theRun(behind(), named("r"))}, respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatching, "r",
		},
		"a run for an earlier digest that has changed a workload goes on all the more": {
			behind(onNextBase), runs{theRun(behind(), given, named("r"))}, respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatching, "r",
		},
		"a run for an earlier digest that has ended is no matter": {
			behind(onNextBase), runs{theRun(behind(), rolled, named("r"))}, respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling, "",
		},
		"a run for other workloads is no matter": {
			behind(onNextBase), runs{theRun(behind(withTargets(target("other"))), named("r"))}, respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSettling, "",
		},
		"a run that failed on it is told of": {
			behind(), runs{theRun(behind(), rolled, named("r"))}, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined, "r",
		},
		"what is held is told of": {
			behind(), runs{theRun(behind(), succeeded, named("r"))}, respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted, "r",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			known(time.Minute)(&test.facts)
			policy := payments(settling(2*time.Minute, time.Hour))
			d := Judge(policy, ruleOf(policy), test.facts, test.runs)
			if d.Status.State != test.state || d.Status.Reason != test.reason || d.Status.Run != test.run {
				t.Errorf("judged %s, %s, of the run %q: %s", d.Status.State, d.Status.Reason, d.Status.Run, d.Status.Message)
			}
			if d.Create != nil || d.NeedsProof || len(d.Superseded) > 0 {
				t.Errorf("it creates %v, with a proof: %v, and supersedes %v", d.Create, d.NeedsProof, d.Superseded)
			}
		})
	}
}

func TestWhenTheClockAloneChangesADecisionItIsLookedAtAgainThen(t *testing.T) {
	policy := payments(settling(2*time.Minute, time.Hour))
	earlier := []respinv1alpha1.PatchRun{theRun(behind(), named("r"))}
	for sentence, test := range map[string]struct {
		age   time.Duration
		runs  []respinv1alpha1.PatchRun
		until time.Duration
	}{
		"when it has settled":                          {time.Minute, nil, 2 * time.Minute},
		"when it has soaked":                           {3 * time.Minute, nil, time.Hour},
		"when a run for an earlier one is to give way": {time.Minute, earlier, 2 * time.Minute},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := Judge(policy, ruleOf(policy), behind(onNextBase, known(test.age)), test.runs)
			if want := noon.Add(test.until - test.age); !d.Until.Equal(want) {
				t.Errorf("it is looked at again at %s, want %s", d.Until, want)
			}
		})
	}
	if d := Judge(policy, ruleOf(policy), behind(known(time.Hour)), nil); !d.Until.IsZero() || d.Create == nil {
		t.Errorf("a base that is old enough is looked at again at %s", d.Until)
	}
}
