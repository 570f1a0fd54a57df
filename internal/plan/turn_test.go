package plan

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// inTraffic is a run that was created some minutes after noon, for workloads that wait for their turn.
func inTraffic(name string, minutes int, workloads []string, changes ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
	var targets []respinv1alpha1.WorkloadTarget
	for _, workload := range workloads {
		targets = append(targets, target(workload))
	}
	all := []func(*respinv1alpha1.PatchRun){named(name), created(minutes), waits, func(run *respinv1alpha1.PatchRun) {
		run.UID, run.Status.Attempts = types.UID("run-"+name), 1
	}}
	return theRun(behind(withTargets(targets...)), append(all, changes...)...)
}

// of puts a run into another namespace, by a policy that it has there.
func of(namespace string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Namespace, run.Spec.Policy.UID = namespace, types.UID("policy-"+namespace)
		for i := range run.Spec.Workloads {
			run.Spec.Workloads[i].UID = types.UID(namespace) + "-" + run.Spec.Workloads[i].UID
		}
	}
}

// the has one of a run's workloads be in a state, for a reason.
func the(workload string, state respinv1alpha1.WorkloadState, reason string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		for i := range run.Status.Workloads {
			if w := &run.Status.Workloads[i]; w.Name == workload {
				w.State, w.Reason = state, reason
			}
		}
	}
}

func asCronJob(run *respinv1alpha1.PatchRun) {
	for i := range run.Spec.Workloads {
		run.Spec.Workloads[i].Kind, run.Status.Workloads[i].Kind = respinv1alpha1.KindCronJob, respinv1alpha1.KindCronJob
	}
}

func deleted(run *respinv1alpha1.PatchRun) { run.DeletionTimestamp = new(metav1.NewTime(noon)) }

func TestWhoseTurnItIs(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	unhealthy := func(run *respinv1alpha1.PatchRun) {
		condition(respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, respinv1alpha1.ReasonUnhealthy, "it crashes")(run)
	}
	one := func(name string) []string { return []string{name} }
	older := func(changes ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
		return inTraffic("older", -1, one("other"), changes...)
	}
	for sentence, test := range map[string]struct {
		others runs
		budget int
		limit  int
		taken  []Slot
		says   string // empty where it is its own
	}{
		"with nobody else, its own":                              {},
		"with a policy whose budget is not known, one at a time": {others: runs{older(given)}, says: "1 of the policy's workloads are under way"},
		"within the budget, its own":                             {others: runs{older(given)}, budget: 2},
		"beyond it, not":                                         {others: runs{older(given), inTraffic("another", -2, one("third"), given)}, budget: 2, says: "2 of the policy's workloads are under way, as many as spec.rollout.budget.maxConcurrent allows"},
		"an older run's of the policy":                           {others: runs{older()}, says: "patchrun/older in shop comes first"},
		"with room for both, its own":                            {others: runs{older()}, budget: 2},
		"an older run's, of whichever of its workloads":          {others: runs{inTraffic("older", -1, []string{"other", "third"}, the("other", respinv1alpha1.WorkloadHealthy, ""))}, says: "patchrun/older"},
		"not a younger run's":                                    {others: runs{inTraffic("younger", 1, one("other"))}},
		"not that of one that waits for a window":                {others: runs{older(in(respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForWindow))}},
		"not that of one that has ended":                         {others: runs{older(succeeded)}},
		"not that of one that is being deleted":                  {others: runs{older(deleted)}},
		"not that of one that is being taken back":               {others: runs{older(unhealthy)}},
		"another namespace's is no matter to the budget":         {others: runs{older(of("warehouse"), given)}},
		"another namespace's, where the operator has its limit":  {others: runs{older(of("warehouse"), given)}, limit: 1, says: "1 workloads are under way in the cluster, as many as the operator is allowed"},
		"one that waits longer elsewhere goes first there":       {others: runs{older(of("warehouse"))}, limit: 1, says: "patchrun/older in warehouse comes first"},
		"but not where there is room for both":                   {others: runs{older(of("warehouse"))}, limit: 2},
		"nor where its own policy has no room for it": {
			others: runs{older(of("warehouse")), inTraffic("busy", -2, one("third"), of("warehouse"), given)}, limit: 2,
		},
		"nor where its namespace has more under way": {
			others: runs{inTraffic("older", -1, []string{"other", "third"}, of("warehouse"), the("third", respinv1alpha1.WorkloadUpdated, ""))}, limit: 2,
		},
		"nor where it waits for a workload that another run has under way": {
			others: runs{older(), inTraffic("busy", -2, one("other"), given)}, budget: 2,
		},
		"not for a workload that another run has under way": {others: runs{inTraffic("busy", -2, one("api"), given)}, budget: 5, says: "another run has Deployment/api under way"},
		"not for one that has just taken it":                {taken: []Slot{{Run: "run-busy", Policy: "policy-1", Workload: "uid-api", Namespace: "shop"}}, budget: 5, says: "another run has Deployment/api under way"},
		"what was taken and does not show counts":           {taken: []Slot{{Run: "run-busy", Policy: "policy-1", Workload: "uid-x", Namespace: "shop"}}, says: "1 of the policy's workloads are under way"},
		"and in the whole cluster": {
			taken: []Slot{{Run: "run-busy", Policy: "policy-2", Workload: "uid-x", Namespace: "warehouse"}}, limit: 1, says: "1 workloads are under way in the cluster",
		},
		"what was taken and shows, too, counts once": {
			others: runs{inTraffic("busy", -1, one("other"), given)}, budget: 2,
			taken: []Slot{{Run: "run-busy", Policy: "policy-1", Workload: "uid-other", Namespace: "shop", Attempt: 1}},
		},
		"a CronJob's image takes no turn":                  {others: runs{older(asCronJob, given, asCronJob)}},
		"a workload that is patched on restart takes none": {others: runs{older(way(respinv1alpha1.OnRestart), in(respinv1alpha1.WorkloadOpen, ""))}},
		"nor while its pods are taken back":                {others: runs{older(way(respinv1alpha1.OnRestart), in(respinv1alpha1.WorkloadUnhealthy, ""))}},
		"one that bakes has its turn still":                {others: runs{older(in(respinv1alpha1.WorkloadBaking, ""))}, says: "1 of the policy's"},
		"one that is to be taken back has it still":        {others: runs{older(in(respinv1alpha1.WorkloadUnhealthy, ""), unhealthy)}, says: "1 of the policy's"},
		"one that was claimed and not given has it":        {others: runs{older(in(respinv1alpha1.WorkloadUpdating, ""))}, says: "1 of the policy's"},
		"one whose run is being deleted has it still":      {others: runs{older(given, deleted)}, says: "1 of the policy's"},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := inTraffic("run", 0, one("api"))
			traffic := Traffic{Runs: append(test.others, run), Taken: test.taken, Cap: test.limit, Budgets: map[types.UID]int{"policy-1": test.budget}}
			wait := traffic.Turn(&run, run.Spec.Workloads[0])
			switch {
			case wait == nil && test.says != "" || wait != nil && test.says == "":
				t.Errorf("it waits: %+v, want %q", wait, test.says)
			case wait != nil && (!strings.Contains(wait.Message, test.says) || wait.Reason != respinv1alpha1.ReasonWaitingForTurn || !wait.Until.IsZero()):
				t.Errorf("it waits: %+v, want %q", wait, test.says)
			}
		})
	}
}

func TestWhoIsInTheWayIsNamed(t *testing.T) {
	run, own := inTraffic("run", 0, []string{"api"}), inTraffic("own", -1, []string{"other"})
	traffic := Traffic{Runs: []respinv1alpha1.PatchRun{run, own, inTraffic("stranger", -2, []string{"x"}, of("warehouse"))}}
	if wait := traffic.Turn(&run, run.Spec.Workloads[0]); wait == nil || !strings.Contains(wait.Message, "patchrun/own in shop") {
		t.Errorf("without a limit, it waits for its own policy's: %+v", wait)
	}
}

func TestARunTakesItsTurnsOneAfterTheOther(t *testing.T) {
	run := inTraffic("run", 0, []string{"api", "worker"}, the("api", respinv1alpha1.WorkloadUpdated, ""))
	traffic := Traffic{Runs: []respinv1alpha1.PatchRun{run}}
	if wait := traffic.Turn(&run, run.Spec.Workloads[1]); wait == nil {
		t.Error("its second workload has its turn beside the first")
	}
	traffic.Budgets = map[types.UID]int{"policy-1": 2}
	if wait := traffic.Turn(&run, run.Spec.Workloads[1]); wait != nil {
		t.Errorf("with a budget for both its second workload waits: %+v", wait)
	}
}

func TestWhichSlotsShow(t *testing.T) {
	slot := Slot{Run: "run-r", Policy: "policy-1", Workload: "uid-api", Namespace: "shop", Attempt: 2}
	attempt := func(n int32) func(*respinv1alpha1.PatchRun) {
		return func(run *respinv1alpha1.PatchRun) { run.Status.Attempts = n }
	}
	for sentence, test := range map[string]struct {
		run   respinv1alpha1.PatchRun
		shows bool
	}{
		"not in a run that waits still":              {inTraffic("r", 0, []string{"api"}, attempt(2)), false},
		"not in one that says nothing of it yet":     {inTraffic("r", 0, []string{"api"}, attempt(2), func(r *respinv1alpha1.PatchRun) { r.Status.Workloads = nil }), false},
		"in one whose workload has its turn":         {inTraffic("r", 0, []string{"api"}, attempt(2), in(respinv1alpha1.WorkloadUpdating, "")), true},
		"in one whose workload has had it":           {inTraffic("r", 0, []string{"api"}, attempt(2), succeeded), true},
		"in one that is at a later attempt":          {inTraffic("r", 0, []string{"api"}, attempt(3)), true},
		"not in what is known of an earlier attempt": {inTraffic("r", 0, []string{"api"}, attempt(1), rolled), false},
		"in one that has no such workload":           {inTraffic("r", 0, []string{"other"}, attempt(2)), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			if shows := Shows(&test.run, slot); shows != test.shows {
				t.Errorf("it shows: %v", shows)
			}
		})
	}
}

func TestWhatARunHasUnderWay(t *testing.T) {
	run := inTraffic("r", 0, []string{"a", "b", "c", "d"}, the("a", respinv1alpha1.WorkloadBaking, ""), the("b", respinv1alpha1.WorkloadHealthy, ""),
		the("c", respinv1alpha1.WorkloadUpdating, ""))
	want := []Slot{NewSlot(&run, run.Spec.Workloads[0]), NewSlot(&run, run.Spec.Workloads[2])}
	if found := InFlight(&run); !slices.Equal(found, want) || want[0].Attempt != 1 || want[0].Namespace != "shop" {
		t.Errorf("under way are %+v, want %+v", found, want)
	}
	succeeded(&run)
	if found := InFlight(&run); len(found) > 0 {
		t.Errorf("of a run that has ended under way are %+v", found)
	}
}
