package patchrun

import (
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/event"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

func TestWhichTurnsAreRemembered(t *testing.T) {
	waits, updating := workload{respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForTurn, ""}, workload{respinv1alpha1.WorkloadUpdating, "", ""}
	for sentence, test := range map[string]struct {
		cache []respinv1alpha1.PatchRun
		kept  bool
	}{
		"one that the cache is yet to show":  {[]respinv1alpha1.PatchRun{*rollingOut(waits)}, true},
		"not one that it shows":              {[]respinv1alpha1.PatchRun{*rollingOut(updating)}, false},
		"not one whose run is gone":          {nil, false},
		"nor one whose run began once more":  {[]respinv1alpha1.PatchRun{func() respinv1alpha1.PatchRun { r := rollingOut(waits); r.Status.Attempts = 2; return *r }()}, false},
		"one of a run that is yet to appear": {[]respinv1alpha1.PatchRun{func() respinv1alpha1.PatchRun { r := rollingOut(waits); r.Status.Attempts = 0; return *r }()}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := rollingOut(waits)
			turns := &Turns{}
			turns.add(plan.NewSlot(run, run.Spec.Workloads[0]))
			for range 2 { // the second look is by what the first has left
				if open := turns.open(test.cache); (len(open) == 1) != test.kept {
					t.Errorf("open are %+v", open)
				}
			}
			if len(turns.taken) > 0 != test.kept {
				t.Errorf("remembered are %+v", turns.taken)
			}
		})
	}
}

func TestATurnIsRememberedOnce(t *testing.T) {
	run := rollingOut(workload{}, workload{})
	turns := &Turns{}
	for range 2 {
		turns.add(plan.NewSlot(run, run.Spec.Workloads[0]))
	}
	turns.add(plan.NewSlot(run, run.Spec.Workloads[1]))
	if open := turns.open([]respinv1alpha1.PatchRun{*run}); len(open) != 2 {
		t.Errorf("open are %+v", open)
	}
}

func TestWaitingForTheSameAgainWritesNothing(t *testing.T) {
	run := rollingOut(workload{})
	status := statusOf(run, run.Spec.Workloads[0])
	wait := plan.Wait{Reason: respinv1alpha1.ReasonWaitingForWindow, Message: "the next opens at two", Until: noon.Add(2 * time.Hour)}
	if out := reconciler().wait(status, wait); out.after != 2*time.Hour || status.State != respinv1alpha1.WorkloadWaiting {
		t.Errorf("it is looked at again after %s, and is %+v", out.after, status)
	}
	before := *status
	if out := at(time.Hour).wait(status, wait); out.after != time.Hour || *status != before {
		t.Errorf("it is looked at again after %s, and is %+v", out.after, status)
	}
	wait.Message = "the next opens at three"
	if at(time.Hour).wait(status, wait); status.Since.Time != noon.Add(time.Hour) || status.Message != wait.Message {
		t.Errorf("what is waited for now is not told: %+v", status)
	}
	if out := at(5*time.Hour).wait(status, wait); out.after != time.Second {
		t.Errorf("a time that is over is looked at after %s", out.after)
	}
	if out := reconciler().wait(status, plan.Wait{Reason: respinv1alpha1.ReasonPaused}); out.after != lookAgain {
		t.Errorf("what no clock ends is looked at after %s", out.after)
	}
}

func TestWhatMakesRoomForOthers(t *testing.T) {
	waits := rollingOut(workload{respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForTurn, ""})
	given := rollingOut(workload{respinv1alpha1.WorkloadUpdated, "", ""})
	healthy := rollingOut(workload{respinv1alpha1.WorkloadHealthy, "", ""})
	inOtherWords := rollingOut(workload{respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForTurn, "another's"})
	for sentence, test := range map[string]struct {
		before, after *respinv1alpha1.PatchRun
		tells         bool
	}{
		"a workload that comes to another state": {given, healthy, true},
		"one that takes its turn":                {waits, given, true},
		"not one that says it in other words":    {waits, inOtherWords, false},
		"a run that ends":                        {healthy, succeeded(healthy.DeepCopy()), true},
		"not one that stays as it is":            {given, given, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if tells := trafficChanged().Update(event.UpdateEvent{ObjectOld: test.before, ObjectNew: test.after}); tells != test.tells {
				t.Errorf("others are told: %v", tells)
			}
		})
	}
	if !trafficChanged().Delete(event.DeleteEvent{Object: given}) || trafficChanged().Create(event.CreateEvent{Object: given}) {
		t.Error("of a run that goes nobody is told, or of one that is new somebody is")
	}
}

func TestTheSoonerOfTwoWaits(t *testing.T) {
	var found []time.Duration
	for _, pair := range [][2]time.Duration{{0, 0}, {0, 5}, {5, 0}, {5, 3}, {3, 5}} {
		found = append(found, outcome{after: pair[0]}.or(outcome{after: pair[1]}).after)
	}
	if !slices.Equal(found, []time.Duration{0, 5, 5, 3, 3}) {
		t.Errorf("the sooner are %v", found)
	}
}
