package plan

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// town is a cluster in which runs take their turns one at a time, as the controller has them: by what the cache shows,
// which is of some time ago, and by the turns that were taken since.
type town struct {
	*testing.T
	dice    *rand.Rand
	now     time.Time
	runs    []respinv1alpha1.PatchRun
	cache   []respinv1alpha1.PatchRun
	taken   map[Slot]bool
	limit   int
	budgets map[types.UID]int
	// grants are the namespaces that were given a turn, in order; passed is how many were given to each other one while a
	// namespace waited, and worst the most of them.
	grants []string
	passed map[string]map[string]int
	worst  int
}

func newTown(t *testing.T, seed int64, limit int, budgets map[string]int) *town {
	town := &town{
		T: t, dice: rand.New(rand.NewSource(seed)), now: noon.Add(time.Hour), limit: limit,
		taken: map[Slot]bool{}, budgets: map[types.UID]int{}, passed: map[string]map[string]int{},
	}
	for namespace, budget := range budgets {
		town.budgets[types.UID("policy-"+namespace)] = budget
	}
	return town
}

// wants adds a run of a namespace for a number of workloads.
func (t *town) wants(namespace string, minutes, workloads int) {
	var all []string
	for i := range workloads {
		all = append(all, fmt.Sprintf("w%d-%d-%d", len(t.runs), minutes, i))
	}
	run := inTraffic(fmt.Sprintf("%s-%d", namespace, len(t.runs)), minutes, all, of(namespace))
	run.UID += types.UID(fmt.Sprint(len(t.runs)))
	run.Status.Workloads = nil
	t.runs = append(t.runs, run)
}

func (t *town) look() {
	t.cache = nil
	for i := range t.runs {
		t.cache = append(t.cache, *t.runs[i].DeepCopy())
	}
}

// traffic is what the controller would know.
func (t *town) traffic() Traffic {
	traffic := Traffic{Runs: t.cache, Cap: t.limit, Budgets: t.budgets}
	for slot := range t.taken {
		at := slices.IndexFunc(t.cache, func(run respinv1alpha1.PatchRun) bool { return run.UID == slot.Run })
		if Shows(&t.cache[at], slot) {
			delete(t.taken, slot)
			continue
		}
		traffic.Taken = append(traffic.Taken, slot)
	}
	return traffic
}

func (t *town) mark(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget, state respinv1alpha1.WorkloadState, reason string) {
	status := respinv1alpha1.WorkloadStatus{Kind: target.Kind, Name: target.Name, State: state, Reason: reason, Since: new(metav1.NewTime(t.now))}
	for i := range run.Status.Workloads {
		if run.Status.Workloads[i].Name == target.Name {
			run.Status.Workloads[i] = status
			return
		}
	}
	run.Status.Workloads = append(run.Status.Workloads, status)
}

// turn has a run look whether any of its workloads has its turn, and tells whether one had.
func (t *town) turn(run *respinv1alpha1.PatchRun, hindered bool) bool {
	if Finished(run) {
		return false
	}
	for _, target := range run.Spec.Workloads {
		if state := stateOf(run, target); state != "" && state != respinv1alpha1.WorkloadWaiting {
			continue
		}
		if hindered {
			t.mark(run, target, respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonUnhealthyBefore)
			continue
		}
		if wait := t.traffic().Turn(run, target); wait != nil {
			t.mark(run, target, respinv1alpha1.WorkloadWaiting, wait.Reason)
			continue
		}
		t.grant(run, target)
		return true
	}
	return false
}

func (t *town) grant(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) {
	t.count(run)
	t.taken[NewSlot(run, target)] = true
	t.mark(run, target, respinv1alpha1.WorkloadUpdating, "")
	var all []Slot
	for i := range t.runs {
		all = append(all, InFlight(&t.runs[i])...)
	}
	own := count(all, func(s Slot) bool { return s.Policy == run.Spec.Policy.UID })
	if own > t.budgets[run.Spec.Policy.UID] || t.limit > 0 && len(all) > t.limit {
		t.Fatalf("%d of %s and %d in all are under way, with a budget of %d and a limit of %d",
			own, run.Namespace, len(all), t.budgets[run.Spec.Policy.UID], t.limit)
	}
}

// count notes whom a turn has passed over: a namespace that has nothing under way and is known to wait.
func (t *town) count(granted *respinv1alpha1.PatchRun) {
	busy, waiting := t.traffic().inFlight(), map[string]bool{}
	for i := range t.cache {
		run := &t.cache[i]
		idle := !slices.ContainsFunc(busy, func(s Slot) bool { return s.Namespace == run.Namespace })
		waiting[run.Namespace] = waiting[run.Namespace] || idle && waitsForTurn(run, busy)
	}
	for namespace, waits := range waiting {
		if t.passed[namespace] == nil || !waits || namespace == granted.Namespace {
			t.passed[namespace] = map[string]int{}
		}
		if waits && namespace != granted.Namespace {
			t.passed[namespace][granted.Namespace]++
			t.worst = max(t.worst, t.passed[namespace][granted.Namespace])
		}
	}
	t.grants = append(t.grants, granted.Namespace)
}

// finish has some of what is under way come to its end.
func (t *town) finish(chance float64) {
	for i := range t.runs {
		run := &t.runs[i]
		healthy := 0
		for _, target := range run.Spec.Workloads {
			if underWayIn(stateOf(run, target)) && t.dice.Float64() < chance {
				t.mark(run, target, respinv1alpha1.WorkloadHealthy, "")
			}
			if stateOf(run, target) == respinv1alpha1.WorkloadHealthy {
				healthy++
			}
		}
		if healthy == len(run.Spec.Workloads) && !Finished(run) {
			condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, respinv1alpha1.ReasonPatched, "")(run)
		}
	}
}

// live goes on until every workload has had its turn. Hindrance is how often a run that looks is kept by something else.
func (t *town) live(hindrance float64) {
	t.look()
	for still := 0; slices.ContainsFunc(t.runs, func(run respinv1alpha1.PatchRun) bool { return !Finished(&run) }); {
		t.now = t.now.Add(time.Minute)
		before := len(t.grants)
		for _, i := range t.dice.Perm(len(t.runs)) {
			t.turn(&t.runs[i], t.dice.Float64() < hindrance)
			if t.dice.Intn(2) == 0 {
				t.look()
			}
		}
		idle := !slices.ContainsFunc(t.runs, func(run respinv1alpha1.PatchRun) bool { return len(InFlight(&run)) > 0 })
		if still++; len(t.grants) > before || !idle || hindrance > 0 {
			still = 0
		}
		if still > 2 {
			t.Fatalf("all wait, and nothing is under way: %+v", t.runs[0].Status.Workloads)
		}
		t.finish(0.3)
		t.look()
	}
}

func TestTurnsAreTakenWithinAllLimitsAndByAll(t *testing.T) {
	for seed := range int64(20) {
		dice := rand.New(rand.NewSource(seed))
		budgets := map[string]int{}
		for n := range 2 + dice.Intn(4) {
			budgets[fmt.Sprintf("ns%d", n)] = 1 + dice.Intn(3)
		}
		town := newTown(t, seed, dice.Intn(5), budgets)
		var workloads int
		for n := range len(budgets) {
			for range 1 + dice.Intn(6) {
				many := 1 + dice.Intn(4)
				workloads += many
				town.wants(fmt.Sprintf("ns%d", n), dice.Intn(600), many)
			}
		}
		town.live(float64(seed%3) / 4)
		if len(town.grants) != workloads {
			t.Errorf("seed %d: %d turns were taken by %d workloads", seed, len(town.grants), workloads)
		}
	}
}

func TestANamespaceWithFewWorkloadsIsNotStarved(t *testing.T) {
	for sentence, test := range map[string]struct {
		limit   int
		budgets map[string]int
	}{
		"one at a time in the whole cluster":   {1, map[string]int{"big": 5, "small": 1}},
		"two at a time":                        {2, map[string]int{"big": 5, "small": 1}},
		"beside two big ones":                  {2, map[string]int{"big": 5, "large": 5, "small": 1}},
		"beside many, with a limit for a part": {3, map[string]int{"big": 9, "large": 9, "huge": 9, "vast": 9, "small": 2}},
	} {
		t.Run(sentence, func(t *testing.T) {
			for seed := range int64(10) {
				town := newTown(t, seed, test.limit, test.budgets)
				for namespace := range test.budgets {
					if namespace != "small" {
						town.wants(namespace, 0, 6)
						town.wants(namespace, 1, 6)
					}
				}
				for range 3 {
					town.wants("small", 50, 1) // after all others
				}
				town.live(0)
				if town.worst > test.limit {
					t.Errorf("seed %d: %d turns went to one namespace while another waited: %v", seed, town.worst, town.grants)
				}
			}
		})
	}
}
