package plan

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func endedAt(name string, minutes int, end func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
	run := theRun(behind(), end, named(name))
	at := metav1.NewTime(noon.Add(time.Duration(minutes) * time.Minute))
	run.Status.CompletionTime = &at
	return run
}

func limit(successful, failed int32) respinv1alpha1.HistoryLimit {
	return respinv1alpha1.HistoryLimit{Successful: &successful, Failed: &failed}
}

func TestPrune(t *testing.T) {
	runs := []respinv1alpha1.PatchRun{
		endedAt("new", 3, succeeded), endedAt("old", 1, succeeded), endedAt("middle", 2, succeeded),
		endedAt("failed-old", 1, rolled), endedAt("failed-new", 2, rolled),
		theRun(behind(), named("under-way")),
		endedAt("asked-again", 0, func(r *respinv1alpha1.PatchRun) { rolled(r); annotated("now")(r) }),
	}
	for sentence, test := range map[string]struct {
		limit respinv1alpha1.HistoryLimit
		keep  []string
		want  []string
	}{
		"within the limits nothing goes":                {limit: limit(3, 2)},
		"beyond them the oldest of each outcome go":     {limit: limit(1, 1), want: []string{"old", "middle", "failed-old"}},
		"a limit of none leaves none that has ended":    {limit: limit(0, 0), want: []string{"old", "middle", "new", "failed-old", "failed-new"}},
		"what has to be kept stays, whatever the limit": {limit: limit(0, 0), keep: []string{"failed-old", "new"}, want: []string{"old", "middle", "failed-new"}},
		"without limits the API's defaults count":       {},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := Prune(test.limit, slices.Clone(runs), test.keep); !slices.Equal(found, test.want) {
				t.Errorf("pruned %v, want %v", found, test.want)
			}
		})
	}
}

func TestWhichRunsStand(t *testing.T) {
	container := func(name string, init bool) respinv1alpha1.ContainerTarget {
		return respinv1alpha1.ContainerTarget{Name: name, Init: init, PreviousImage: repository + ":1.4"}
	}
	brings := func(name string, minutes int, changes func(*respinv1alpha1.PatchRun), targets ...respinv1alpha1.WorkloadTarget) respinv1alpha1.PatchRun {
		return theRun(behind(withTargets(targets...)), named(name), changes, at(minutes))
	}
	type runs = []respinv1alpha1.PatchRun
	for sentence, test := range map[string]struct {
		runs runs
		want []string
	}{
		"the last that brought a workload its image": {
			runs{brings("new", 2, succeeded, target("api")), brings("old", 1, succeeded, target("api"))}, []string{"new"},
		},
		"the one before, where the last was taken back":  {runs{brings("old", 1, succeeded, target("api")), brings("new", 2, rolled, target("api"))}, []string{"old"}},
		"the one before, where the last has yet to come": {runs{brings("old", 1, succeeded, target("api")), brings("new", 2, waits, target("api"))}, []string{"old"}},
		"none of a workload that is gone":                {runs{brings("r", 1, succeeded, target("gone"))}, nil},
		"none that brought nothing":                      {runs{brings("r", 1, skipped, target("api")), brings("s", 2, pushedOnly, target("api"))}, nil},
		"each workload's own":                            {runs{brings("a", 1, succeeded, target("api")), brings("b", 2, succeeded, target("worker"))}, []string{"a", "b"}},
		"each container's own": {
			runs{brings("app", 1, succeeded, target("api", container("app", false))), brings("proxy", 2, succeeded, target("api", container("proxy", false)))},
			[]string{"app", "proxy"},
		},
		"an init container's beside the container's of its name": {
			runs{brings("app", 1, succeeded, target("api", container("app", false))), brings("init", 2, succeeded, target("api", container("app", true)))},
			[]string{"app", "init"},
		},
		"one for both of its workloads once": {runs{brings("both", 1, succeeded, target("api"), target("worker"))}, []string{"both"}},
		"one that failed elsewhere, and left this healthy": {
			runs{brings("half", 1, endedAs(metav1.ConditionFalse, respinv1alpha1.ReasonRolledBack, respinv1alpha1.WorkloadHealthy), target("api"))}, []string{"half"},
		},
		"one that is under way, where it is healthy already": {runs{brings("r", 1, in(respinv1alpha1.WorkloadHealthy, ""), target("api"))}, []string{"r"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			found := Standing(test.runs, map[types.UID]bool{"uid-api": true, "uid-worker": true})
			slices.Sort(found)
			if found = slices.Compact(found); !slices.Equal(found, test.want) {
				t.Errorf("%v stand, want %v", found, test.want)
			}
			if pruned := Prune(limit(0, 0), test.runs, found); slices.ContainsFunc(pruned, func(name string) bool { return slices.Contains(found, name) }) {
				t.Errorf("pruned are %v, which stand", pruned)
			}
		})
	}
}

func TestARunWithoutAnEndIsAsOldAsItself(t *testing.T) {
	old := theRun(behind(), succeeded, named("old"))
	old.CreationTimestamp = metav1.NewTime(noon.Add(-time.Hour))
	if found := Prune(limit(1, 0), []respinv1alpha1.PatchRun{endedAt("new", 0, succeeded), old}, nil); !slices.Equal(found, []string{"old"}) {
		t.Errorf("pruned %v", found)
	}
}

func TestBackoff(t *testing.T) {
	for failing, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, -time.Hour: 5 * time.Second, 10 * time.Second: 5 * time.Second, time.Minute: 30 * time.Second,
		10 * time.Minute: 5 * time.Minute, 240 * time.Hour: 5 * time.Minute,
	} {
		if found := Backoff(failing); found != want {
			t.Errorf("after %s it waits %s, want %s", failing, found, want)
		}
	}
}
