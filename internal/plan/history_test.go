package plan

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
