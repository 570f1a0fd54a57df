package patchpolicy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
)

func reporter() *Reconciler { return &Reconciler{Now: func() time.Time { return noon }} }

func debian(tag string) image.Reference {
	return image.Reference{Repository: "docker.io/library/debian", Tag: tag}
}

func TestWhereBasesStand(t *testing.T) {
	before := metav1.NewTime(noon.Add(-time.Hour))
	known := []respinv1alpha1.BaseStatus{{Image: "debian:12", Digest: "old", FirstSeen: &before, Images: 7, Message: "no answer"}}
	for sentence, test := range map[string]struct {
		found base
		want  respinv1alpha1.BaseStatus
		since time.Time
	}{
		"one that stays keeps the time at which it was first seen": {
			base{ref: debian("12"), digest: "old", images: 2, since: noon},
			respinv1alpha1.BaseStatus{Image: "debian:12", Digest: "old", Images: 2}, before.Time,
		},
		"one that moved is first seen now": {
			base{ref: debian("12"), digest: "new", images: 2, since: noon},
			respinv1alpha1.BaseStatus{Image: "debian:12", Digest: "new", Images: 2}, noon,
		},
		"one that cannot be checked keeps what was known of it": {
			base{ref: debian("12"), err: errors.New("denied"), images: 2, since: noon},
			respinv1alpha1.BaseStatus{Image: "debian:12", Digest: "old", Images: 2, Message: "denied"}, before.Time,
		},
		"another one is another": {
			base{ref: debian("13"), digest: "old", images: 1, since: noon},
			respinv1alpha1.BaseStatus{Image: "debian:13", Digest: "old", Images: 1}, noon,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			found := bases(known, []base{test.found}, nil)[0]
			since := found.FirstSeen
			found.FirstSeen = nil
			if found != test.want || since == nil || !since.Time.Equal(test.since) {
				t.Errorf("its status is %+v since %v, want %+v since %v", found, since, test.want, test.since)
			}
		})
	}
}

// A look that fails does not forget what may be written down nowhere else: on which base an image stands, and where that
// was.
func TestWhatWasKnownOutlivesALookThatFails(t *testing.T) {
	type status = respinv1alpha1.ImageStatus
	before := []status{{Repository: "api", Digest: "a", Base: "debian:12", BaseDigest: "old", Lineage: "Layers", Certainty: "Proven"}}
	for sentence, test := range map[string]struct {
		now  status
		base string
	}{
		"an image that could not be judged": {status{Repository: "api", Digest: "a", State: respinv1alpha1.ImageUnknown}, "debian:12"},
		"another image":                     {status{Repository: "api", Digest: "b", State: respinv1alpha1.ImageUnknown}, ""},
		"one of which more was found": {
			status{Repository: "api", Digest: "a", State: respinv1alpha1.ImageUnknown, Base: "debian:13"}, "debian:13",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := remember(before, test.now); got.Base != test.base {
				t.Errorf("its base is %q, want %q", got.Base, test.base)
			}
		})
	}
	known := []respinv1alpha1.BaseStatus{{Image: "debian:12", Digest: "old"}, {Image: "debian:11", Digest: "older"}}
	if kept := bases(known, nil, before); len(kept) != 1 || kept[0].Digest != "old" {
		t.Errorf("of the bases %+v are kept, want the one that an image names", kept)
	}
}

func TestWhatABaseSaysFitsItsStatus(t *testing.T) {
	found := bases(nil, []base{{ref: debian("12"), err: errors.New(strings.Repeat("ü", 3000))}}, nil)[0]
	if len(found.Message) > maxBaseMessage || !utf8.ValidString(found.Message) {
		t.Errorf("the message has %d bytes, or half a character", len(found.Message))
	}
}

func TestAReportOfManyImagesCountsThemAllAndFitsTheStatus(t *testing.T) {
	var decisions []plan.Decision
	var g gathered
	for i := range 600 {
		decisions = append(decisions, plan.Decision{Status: respinv1alpha1.ImageStatus{
			Repository: fmt.Sprint(i), State: respinv1alpha1.ImageCurrent, Reason: respinv1alpha1.ReasonUpToDate,
		}})
		g.bases = append(g.bases, base{ref: debian(fmt.Sprint(i))})
	}
	decisions[599].Status.State = respinv1alpha1.ImageFailed
	policy := &respinv1alpha1.PatchPolicy{}
	reporter().report(policy, observed{}, g, decisions)

	status := policy.Status
	if len(status.Images) != plan.MaxImages || len(status.Bases) != plan.MaxBases {
		t.Errorf("the status has %d images and %d bases", len(status.Images), len(status.Bases))
	}
	if status.Summary.Images != 600 || status.Summary.Failed != 1 || status.Conditions[0].Status != metav1.ConditionFalse {
		t.Errorf("those beyond the limit are not counted: %+v, %+v", status.Summary, status.Conditions[0])
	}
}

func TestConditionsKeepTheTimeAtWhichTheyChanged(t *testing.T) {
	now := noon
	r := &Reconciler{Now: func() time.Time { return now }}
	policy := &respinv1alpha1.PatchPolicy{}
	policy.Status.Conditions = []metav1.Condition{{Type: "SetByAnother", Status: metav1.ConditionTrue}}
	conditions := func(status metav1.ConditionStatus) []metav1.Condition {
		return []metav1.Condition{{Type: "Ready", Status: status, Reason: "Any"}}
	}
	for _, step := range []struct {
		status metav1.ConditionStatus
		since  time.Time
	}{
		{metav1.ConditionTrue, noon}, {metav1.ConditionTrue, noon}, {metav1.ConditionFalse, noon.Add(2 * time.Minute)},
	} {
		r.setConditions(policy, conditions(step.status))
		found := policy.Status.Conditions
		if len(found) != 1 || found[0].Status != step.status || !found[0].LastTransitionTime.Time.Equal(step.since) {
			t.Errorf("at %s: %+v, want %s since %s", now, found, step.status, step.since)
		}
		now = now.Add(time.Minute)
	}
}

func TestWhenItWasPatchedLast(t *testing.T) {
	run := func(status metav1.ConditionStatus, at time.Time) respinv1alpha1.PatchRun {
		completed := metav1.NewTime(at)
		return respinv1alpha1.PatchRun{Status: respinv1alpha1.PatchRunStatus{
			CompletionTime: &completed, Conditions: []metav1.Condition{{Type: "Succeeded", Status: status}},
		}}
	}
	before := metav1.NewTime(noon)
	for sentence, test := range map[string]struct {
		known *metav1.Time
		runs  []respinv1alpha1.PatchRun
		want  time.Time
	}{
		"never":                          {},
		"by a run that succeeded":        {runs: []respinv1alpha1.PatchRun{run("True", noon)}, want: noon},
		"not by one that failed":         {runs: []respinv1alpha1.PatchRun{run("False", noon)}},
		"by the latest of them":          {runs: []respinv1alpha1.PatchRun{run("True", noon.Add(1)), run("True", noon.Add(2)), run("True", noon)}, want: noon.Add(2)},
		"by one that has been pruned":    {known: &before, want: noon},
		"by a later one than was pruned": {known: &before, runs: []respinv1alpha1.PatchRun{run("True", noon.Add(1))}, want: noon.Add(1)},
	} {
		t.Run(sentence, func(t *testing.T) {
			found := lastPatched(test.known, test.runs)
			if found == nil && !test.want.IsZero() || found != nil && !found.Time.Equal(test.want) {
				t.Errorf("at %v, want %v", found, test.want)
			}
		})
	}
}

func TestWhenAPolicyIsLookedAtAgain(t *testing.T) {
	for sentence, test := range map[string]struct {
		bases []base
		want  time.Duration
	}{
		"without bases, in an interval":            {want: time.Minute},
		"when the first answer becomes too old":    {[]base{{checkedAt: noon.Add(-10 * time.Second)}, {checkedAt: noon.Add(-40 * time.Second)}}, 20 * time.Second},
		"in a moment when an answer is too old":    {[]base{{checkedAt: noon.Add(-time.Hour)}}, time.Second},
		"a base that was not asked for is no base": {[]base{{}}, time.Minute},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := (gathered{bases: test.bases}).next(noon, time.Minute); found != test.want {
				t.Errorf("in %s, want %s", found, test.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	for reason, err := range map[string]error{
		"Denied":           fmt.Errorf("wrapped: %w", &registry.Error{Kind: registry.Denied}),
		"NoLineage":        errors.New("anything else"),
		"AmbiguousLineage": image.ErrAmbiguousLineage,
	} {
		if found := problem(err); found.Reason != reason {
			t.Errorf("%v has the reason %s, want %s", err, found.Reason, reason)
		}
	}
}
