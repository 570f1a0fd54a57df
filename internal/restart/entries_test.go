package restart

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

func TestEntries(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	another := func(r *respinv1alpha1.PatchRun) { r.Spec.Workloads[0].UID = "another" }
	sidecar := func(r *respinv1alpha1.PatchRun) { r.Spec.Workloads[0].Containers[0].Name = "sidecar" }
	rolling := func(r *respinv1alpha1.PatchRun) { r.Spec.Rollout.Type = respinv1alpha1.RollingUpdate }
	unbuilt := func(r *respinv1alpha1.PatchRun) { r.Status.Output = nil }
	type want struct {
		run, to string
		from    []string
	}
	for sentence, test := range map[string]struct {
		runs     runs
		template string
		want     *want
	}{
		"a run that opened the workload replaces the template's image": {
			runs{run("a", 1, fixed)}, plain, &want{"a", fixed, []string{plain}},
		},
		"one that is baking does": {
			runs{run("a", 1, fixed, inState(respinv1alpha1.WorkloadBaking))}, plain, &want{"a", fixed, []string{plain}},
		},
		"one that has succeeded still does": {
			runs{run("a", 1, fixed, inState(respinv1alpha1.WorkloadHealthy), with("Succeeded", metav1.ConditionTrue))}, plain,
			&want{"a", fixed, []string{plain}},
		},
		"one that is yet to open it does not": {runs{run("a", 1, fixed, inState(""))}, plain, nil},
		"one that was found unhealthy does not": {
			runs{run("a", 1, fixed, with("Healthy", metav1.ConditionFalse))}, plain, nil,
		},
		"one that failed does not":                        {runs{run("a", 1, fixed, with("Succeeded", metav1.ConditionFalse))}, plain, nil},
		"one that was rolled back there does not":         {runs{run("a", 1, fixed, inState(respinv1alpha1.WorkloadRolledBack))}, plain, nil},
		"one without an image yet does not":               {runs{run("a", 1, fixed, unbuilt)}, plain, nil},
		"a rolling update does not":                       {runs{run("a", 1, fixed, rolling)}, plain, nil},
		"a workload with another image is left alone":     {runs{run("a", 1, fixed)}, "example.com/api:2", nil},
		"a workload that was made anew is left alone":     {runs{run("a", 1, fixed, another)}, plain, nil},
		"a container that is not there is left alone":     {runs{run("a", 1, fixed, sidecar)}, plain, nil},
		"an image that is patched to itself is no reason": {runs{run("a", 1, plain)}, plain, nil},
		"a newer run takes over, from what the older one put there too": {
			runs{run("b", 1, newer), run("a", 2, fixed)}, plain, &want{"b", newer, []string{plain, fixed}},
		},
		"of two that were made at the same time the name decides": {
			runs{run("b", 1, newer), run("a", 1, fixed)}, plain, &want{"b", newer, []string{plain, fixed}},
		},
		"what an older run that failed put there is replaced too": {
			runs{run("a", 2, fixed, with("Succeeded", metav1.ConditionFalse)), run("b", 1, newer)}, plain,
			&want{"b", newer, []string{plain, fixed}},
		},
		"a newer run that failed leaves it to the older one": {
			runs{run("a", 2, fixed), run("b", 1, newer, with("Healthy", metav1.ConditionFalse))}, plain,
			&want{"a", fixed, []string{plain}},
		},
		"what an older rolling update put there is not ours to replace": {
			runs{run("a", 2, fixed, rolling), run("b", 1, newer)}, plain, &want{"b", newer, []string{plain}},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			entries, err := Entries(test.runs, []rollout.Workload{deployment("api", test.template)})
			if err != nil || len(entries) > 1 || (len(entries) == 1) != (test.want != nil) {
				t.Fatalf("got %+v, %v", entries, err)
			}
			if test.want == nil {
				return
			}
			e := entries[0]
			if e.Run != test.want.run || e.To != test.want.to || !e.From.Equal(sets.New(test.want.from...)) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestEntriesOfAWorkloadWithSeveralContainers(t *testing.T) {
	w := deployment("api", plain)
	w.Template.Spec.InitContainers = append(w.Template.Spec.InitContainers, w.Template.Spec.Containers[0])
	r := run("a", 1, fixed)
	r.Spec.Workloads[0].Containers = append(r.Spec.Workloads[0].Containers,
		respinv1alpha1.ContainerTarget{Name: "app", Init: true, PreviousImage: plain})
	entries, err := Entries([]respinv1alpha1.PatchRun{r}, []rollout.Workload{w})
	if err != nil || len(entries) != 2 || entries[0].Init == entries[1].Init {
		t.Errorf("got %+v, %v", entries, err)
	}
}

func TestASelectorThatCannotBeReadIsToldOf(t *testing.T) {
	w := deployment("api", plain)
	w.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: "Like"}}}
	if _, err := Entries([]respinv1alpha1.PatchRun{run("a", 1, fixed)}, []rollout.Workload{w}); err == nil {
		t.Error("it is not")
	}
}

func TestKinds(t *testing.T) {
	if kinds := Kinds([]respinv1alpha1.PatchRun{run("a", 1, fixed)}); !slices.Equal(kinds, []respinv1alpha1.WorkloadKind{respinv1alpha1.KindDeployment}) {
		t.Errorf("of an active run they are %v", kinds)
	}
	if kinds := Kinds([]respinv1alpha1.PatchRun{run("a", 1, fixed, inState(""))}); len(kinds) != 0 {
		t.Errorf("of one that is not active they are %v", kinds)
	}
}
