package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// onNextBase is the attempt on a still newer base.
func onNextBase(f *Facts) { f.Base = single(digestOfAll("d"), "newer") }

func recreated(f *Facts) { f.App.Targets[0].UID = "uid-of-the-new-one" }

func TestAttempt(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	for sentence, test := range map[string]struct {
		facts      Facts
		runs       runs
		state      respinv1alpha1.ImageState
		reason     string
		run        string // the run that the status names; "new" for the one to create
		workloads  []string
		superseded []string
		keep       []string
	}{
		"without runs, one begins": {
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new", workloads: []string{"api"},
		},
		"a run under way is waited for": {
			runs:  runs{theRun(behind(), named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "r",
		},
		"a run under way is waited for, and a workload that turned up meanwhile with it": {
			facts: behind(withTargets(target("api"), target("new"))),
			runs:  runs{theRun(behind(), named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "r",
		},
		"a run that failed is not tried again": {
			runs:  runs{theRun(behind(), rolled, named("r"))},
			state: respinv1alpha1.ImageFailed, reason: respinv1alpha1.ReasonQuarantined, run: "r", keep: []string{"r"},
		},
		"a run that failed keeps workloads that turn up later from it too": {
			facts: behind(withTargets(target("api"), target("new"))),
			runs:  runs{theRun(behind(), rolled, named("r"))},
			state: respinv1alpha1.ImageFailed, reason: respinv1alpha1.ReasonQuarantined, run: "r", keep: []string{"r"},
		},
		"a run that failed and was asked to try again is under way": {
			runs:  runs{theRun(behind(), rolled, annotated("now"), named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "r",
		},
		"a failed run does not keep a newer base from being tried": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(), rolled, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new", workloads: []string{"api"},
		},
		"a workload that has its old image back is left alone": {
			runs:  runs{theRun(behind(), succeeded, named("r"))},
			state: respinv1alpha1.ImageHeld, reason: respinv1alpha1.ReasonReverted, run: "r", keep: []string{"r"},
		},
		"a workload that turns up after the run gets one of its own": {
			facts: behind(withTargets(target("api"), target("new"))),
			runs:  runs{theRun(behind(), succeeded, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new",
			workloads: []string{"new"}, keep: []string{"r"},
		},
		"a workload that was made anew is another": {
			facts: behind(recreated),
			runs:  runs{theRun(behind(), succeeded, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new",
			workloads: []string{"api"}, keep: []string{"r"},
		},
		"a run that found its workload gone does not hold up the one made anew": {
			facts: behind(recreated),
			runs:  runs{theRun(behind(), skipped, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new",
			workloads: []string{"api"}, keep: []string{"r"},
		},
		"a run that found its workload changed is not created a second time under its name": {
			runs:  runs{theRun(behind(), skipped)},
			state: respinv1alpha1.ImageHeld, reason: respinv1alpha1.ReasonReverted, run: theRun(behind()).Name,
			keep: []string{theRun(behind()).Name},
		},
		"a run for an older base that changed nothing gives way": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(), named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new",
			workloads: []string{"api"}, superseded: []string{"r"},
		},
		"a run for an older base that may have changed a workload is waited for": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(), given, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "r",
		},
		"a run for an older base whose workloads are all judged, or wait, gives way": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(), holding, waits, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new",
			workloads: []string{"api"}, superseded: []string{"r"},
		},
		"a run for an older base that a person asked to take back is waited for": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(), succeeded, askedBack("now"), named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "r",
		},
		"a run for other workloads is no matter": {
			facts: behind(onNextBase),
			runs:  runs{theRun(behind(withTargets(target("other"))), holding, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new", workloads: []string{"api"},
		},
		"a run for another container of the workload is no matter": {
			facts: behind(onNextBase),
			runs: runs{theRun(behind(withTargets(target("api",
				respinv1alpha1.ContainerTarget{Name: "app", Init: true, PreviousImage: "x"}))), holding, named("r"))},
			state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, run: "new", workloads: []string{"api"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			facts := test.facts
			if facts.App.Targets == nil {
				facts = behind()
			}
			d := Judge(payments(), ruleOf(payments()), facts, test.runs)
			if d.Status.State != test.state || d.Status.Reason != test.reason {
				t.Errorf("judged %s, %s: %s", d.Status.State, d.Status.Reason, d.Status.Message)
			}
			var workloads []string
			run := d.Status.Run
			if d.Create != nil {
				workloads = names(d.Create.Spec.Workloads)
				if run == d.Create.Name {
					run = "new"
				}
			}
			if run != test.run || !slices.Equal(workloads, test.workloads) {
				t.Errorf("the run is %s for %v, want %s for %v", run, workloads, test.run, test.workloads)
			}
			if !slices.Equal(d.Superseded, test.superseded) || !slices.Equal(d.Keep, test.keep) {
				t.Errorf("superseded are %v and kept %v, want %v and %v", d.Superseded, d.Keep, test.superseded, test.keep)
			}
		})
	}
}

func TestARunForALaterWorkloadPushesToTheSameTagUnderAnotherName(t *testing.T) {
	first := theRun(behind())
	later := Judge(payments(), ruleOf(payments()), behind(withTargets(target("api"), target("new"))),
		[]respinv1alpha1.PatchRun{theRun(behind(), succeeded)}).Create
	if later.Spec.Output != first.Spec.Output || later.Name == first.Name || Pair(later.Spec) != Pair(first.Spec) {
		t.Errorf("%s pushes to %s, and %s to %s", first.Name, first.Spec.Output, later.Name, later.Spec.Output)
	}
}

func TestWorkloadsBeyondARunsLimitGetARunWhenItHasEnded(t *testing.T) {
	facts := behind(withTargets())
	for i := range maxWorkloads + 3 {
		facts.App.Targets = append(facts.App.Targets, target(fmt.Sprintf("w%04d", i)))
	}
	first := theRun(facts, succeeded)
	second := Judge(payments(), ruleOf(payments()), facts, []respinv1alpha1.PatchRun{first}).Create
	if len(first.Spec.Workloads) != maxWorkloads || second == nil || len(second.Spec.Workloads) != 3 {
		t.Errorf("the first has %d workloads, the second is %+v", len(first.Spec.Workloads), second)
	}
}

func TestWhoIsToldOfAFailedRunIsToldWhatToDo(t *testing.T) {
	run := theRun(behind(), rolled)
	message := Judge(payments(), ruleOf(payments()), behind(), []respinv1alpha1.PatchRun{run}).Status.Message
	for _, words := range []string{"said at the end", "respin.dev/retry", "patchrun/" + run.Name} {
		if !strings.Contains(message, words) {
			t.Errorf("%q does not say %q", message, words)
		}
	}
}

func TestDecidingTwiceDecidesTheSame(t *testing.T) {
	facts := behind(withTargets(target("api"), target("worker")))
	runs := []respinv1alpha1.PatchRun{theRun(behind(), succeeded)}
	first, second := Judge(payments(), ruleOf(payments()), facts, runs), Judge(payments(), ruleOf(payments()), facts, runs)
	if first.Create.Name != second.Create.Name || len(facts.App.Targets) != 2 {
		t.Errorf("first %s, then %s, and of the facts %d targets are left", first.Create.Name, second.Create.Name, len(facts.App.Targets))
	}
}
