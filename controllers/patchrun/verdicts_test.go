package patchrun

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	amd64 = image.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = image.Platform{OS: "linux", Architecture: "arm64"}
)

func patchRun() *respinv1alpha1.PatchRun {
	return &respinv1alpha1.PatchRun{Spec: respinv1alpha1.PatchRunSpec{
		Source: respinv1alpha1.SourceImage{Repository: "registry.example.com/api", OriginalDigest: "sha256:source", Platforms: []string{"linux/amd64", "linux/arm64"}},
		Base:   respinv1alpha1.BaseMove{Image: "debian:12", To: "sha256:base"},
	}}
}

func child(p image.Platform, layers ...string) image.Child {
	return image.Child{Platform: p, DiffIDs: layers}
}

func TestWhatIsWrongWithAPatchedImage(t *testing.T) {
	base := image.Image{Index: true, Children: []image.Child{child(amd64, "b1"), child(arm64, "b2")}}
	right := func() image.Image {
		return image.Image{Annotations: annotations(patchRun()), Children: []image.Child{child(amd64, "b1", "app"), child(arm64, "b2", "app")}}
	}
	for sentence, test := range map[string]struct {
		change func(*image.Image)
		says   string
	}{
		"nothing": {func(*image.Image) {}, ""},
		"it is of another source": {
			func(i *image.Image) { i.Annotations[image.AnnotationSourceDigest] = "sha256:other" }, "does not carry the annotations",
		},
		"it says nothing of itself": {func(i *image.Image) { i.Annotations = nil }, "does not carry the annotations"},
		"it lacks a platform":       {func(i *image.Image) { i.Children = i.Children[:1] }, "is not for linux/arm64"},
		"it stands on another base": {func(i *image.Image) { i.Children[1].DiffIDs = []string{"b1", "app"} }, "does not stand on debian:12 at sha256:base for linux/arm64"},
		"it has no layers":          {func(i *image.Image) { i.Children[0].DiffIDs = nil }, "does not stand on debian:12 at sha256:base for linux/amd64"},
	} {
		t.Run(sentence, func(t *testing.T) {
			pushed := right()
			test.change(&pushed)
			if found := flaw(patchRun(), pushed, base); !strings.HasPrefix(found, test.says) || test.says == "" && found != "" {
				t.Errorf("it %q, want %q", found, test.says)
			}
		})
	}
	if found := flaw(patchRun(), right(), image.Image{Children: base.Children[:1]}); !strings.Contains(found, "linux/arm64") {
		t.Errorf("on a base without a platform it %q", found)
	}
}

func TestThePatchedImageHasTheTimeOfItsBase(t *testing.T) {
	at := func(times ...time.Time) (i image.Image) {
		for _, created := range times {
			i.Children = append(i.Children, image.Child{Created: created})
		}
		return i
	}
	for sentence, test := range map[string]struct {
		base image.Image
		want time.Time
	}{
		"the newest of its platforms'":       {at(noon.Add(-time.Hour), noon, noon.Add(-time.Minute)), noon},
		"the epoch where it says none":       {at(time.Time{}), time.Unix(0, 0)},
		"the epoch where it has no platform": {at(), time.Unix(0, 0)},
	} {
		if found := epoch(test.base); !found.Equal(test.want) {
			t.Errorf("%s: %s, want %s", sentence, found, test.want)
		}
	}
}

func TestWhyABuildFailedAndWhetherItMayPass(t *testing.T) {
	failed := &builder.FailedError{Step: "[2/2] RUN make", Reason: "exit code 2", Log: []string{"make: ***", "no rule"}}
	for sentence, test := range map[string]struct {
		err    error
		reason string
		says   string
		passes bool
	}{
		"a command failed":            {failed, respinv1alpha1.ReasonBuildFailed, "[2/2] RUN make: exit code 2\nmake: ***\nno rule", false},
		"an image could not be read":  {&builder.FailedError{Temporary: true}, respinv1alpha1.ReasonBuildFailed, "", true},
		"the base is not used":        {&builder.BaseNotUsedError{Base: "debian:12"}, respinv1alpha1.ReasonBaseNotUsed, "write FROM debian:12", false},
		"the push was refused":        {&builder.PushError{Reason: "denied"}, respinv1alpha1.ReasonPushRefused, "denied", false},
		"the push had no answer":      {&builder.PushError{Temporary: true}, respinv1alpha1.ReasonPushRefused, "", true},
		"the context is gone":         {&builder.ContextError{Reason: "no such commit"}, respinv1alpha1.ReasonContextUnavailable, "no such commit", false},
		"the context had no answer":   {&builder.ContextError{Temporary: true}, respinv1alpha1.ReasonContextUnavailable, "", true},
		"the builder is away":         {fmt.Errorf("dialling: %w", builder.ErrUnavailable), respinv1alpha1.ReasonBuilderUnavailable, "dialling", true},
		"it took too long":            {context.DeadlineExceeded, respinv1alpha1.ReasonBuildFailed, "took more than 1h0m0s", false},
		"the registry is away":        {&registry.Error{Kind: registry.Unreachable}, respinv1alpha1.ReasonUnreachable, "", true},
		"the registry has other bits": {&registry.Error{Kind: registry.BadContent}, respinv1alpha1.ReasonBadContent, "", false},
		"anything else":               {errors.New("odd"), respinv1alpha1.ReasonBuildFailed, "odd", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := fmt.Errorf("wrapped: %w", test.err)
			reason, message := explain(err)
			if reason != test.reason || !strings.Contains(message, test.says) || temporary(err) != test.passes {
				t.Errorf("%s: %s (may pass: %v)", reason, message, temporary(err))
			}
		})
	}
}

func TestWhatIsWaitedForAndWhatEndsTheRun(t *testing.T) {
	r := &Reconciler{Now: func() time.Time { return noon }}
	for sentence, test := range map[string]struct {
		err    error
		status metav1.ConditionStatus
		reason string
		after  time.Duration
	}{
		"no answer is waited for":             {&registry.Error{Kind: registry.Unreachable}, metav1.ConditionUnknown, "Unreachable", 5 * time.Second},
		"an image that is not there ends it":  {&registry.Error{Kind: registry.NotFound}, metav1.ConditionFalse, "NotFound", 0},
		"what is no registry's error ends it": {errors.New("odd"), metav1.ConditionFalse, respinv1alpha1.ReasonVerifyFailed, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := patchRun()
			out := r.registryTrouble(run, respinv1alpha1.ConditionVerified, test.err)
			c := run.Status.Conditions[0]
			if c.Status != test.status || c.Reason != test.reason || out.after != test.after || out.done {
				t.Errorf("came to %+v, with %+v", out, c)
			}
		})
	}
}

func TestMessagesAreCutBetweenCharacters(t *testing.T) {
	r, run := &Reconciler{Now: func() time.Time { return noon }}, patchRun()
	long := strings.Repeat("ü", 5000)
	run.Status.Build = &respinv1alpha1.BuildStatus{}
	r.building(run, State{Progress: builder.Progress{Current: "x" + long}})
	r.set(run, "Any", metav1.ConditionTrue, "Any", "x"+long)
	workload := &respinv1alpha1.WorkloadStatus{}
	r.mark(workload, respinv1alpha1.WorkloadSkipped, "", "x"+long)
	for limit, text := range map[int]string{
		maxCurrent: run.Status.Build.Current, maxMessage: run.Status.Conditions[1].Message,
		maxWorkloadMessage: workload.Message, maxNote: note("x" + long),
	} {
		if len(text) > limit || !utf8.ValidString(text) {
			t.Errorf("%d bytes are written where %d fit, or half a character", len(text), limit)
		}
	}
}
