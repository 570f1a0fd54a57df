//go:build integration

// Package rebase holds the table of image shapes: images of every kind are rebased by the product, and compared with
// what a build on the new base gives, file by file, in containers that run.
package rebase

import (
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/respin-dev/respin/internal/image/safety"
)

// TestShapes rebases every shape, and tells at the end what became of each.
func TestShapes(t *testing.T) {
	g := newGallery(t)
	outcomes := newOutcomes(t)
	number := 0
	t.Run("of", func(t *testing.T) {
		for group, shapes := range groups() {
			for name, s := range shapes {
				number++
				n := number
				t.Run(group+"/"+name, func(t *testing.T) {
					t.Parallel()
					out := outcome{verdict: broken}
					defer func() { outcomes.add(group, name, out) }()
					out = g.prepare(t, n, s).judge()
				})
			}
		}
	})
	outcomes.tell(t)
}

// judge has the product rebase the image, and compares what came of it. What was refused is rebased all the same, to
// know what would have come of it.
func (w *work) judge() outcome {
	w.t.Helper()
	done := w.patch(w.ref("app@" + w.app))
	out := outcome{verdict: equal, checks: checks(done.refusals), without: "not possible"}
	if done.digest != "" {
		out.without = w.compare(done.digest, len(done.refusals) == 0)
	}
	switch {
	case len(done.refusals) > 0:
		out.verdict = refused
		w.judgeRefusal(done.refusals, out.checks)
	case out.without != same:
		out.verdict = wrong
	case w.refused != "":
		w.t.Errorf("it was rebased, and rightly; the table says that %s refuses it", w.refused)
	}
	return out
}

// The words for what a rebase gave.
const same, other, unusable = "the same", "differs", "unusable"

// compare says what a rebase gave, and fails the test where that has to be the same.
func (w *work) compare(patched string, must bool) string {
	w.t.Helper()
	found, err := w.differences(patched)
	switch {
	case err != nil && must:
		w.t.Fatal(err)
	case err != nil:
		w.t.Logf("it could not be looked at: %v", err)
		return unusable
	case len(found) == 0:
		return same
	case must:
		w.t.Errorf("WRONG: the rebased image is not what a build on the new base gives:\n%s", clip(found))
	default:
		w.t.Logf("without the check it would not have been what a build on the new base gives:\n%s", clip(found))
	}
	return other
}

func (w *work) judgeRefusal(refusals []safety.Result, names []string) {
	w.t.Helper()
	for _, r := range refusals {
		w.t.Logf("%s: %s", r.Check, r.Reason)
	}
	switch {
	case w.refused == "":
		w.t.Errorf("it was refused by %v; the table says that it is rebased", names)
	case !slices.Contains(names, string(w.refused)):
		w.t.Errorf("it was refused by %v; the table says by %s", names, w.refused)
	}
}

// groups are all shapes.
func groups() map[string]map[string]shape {
	return map[string]map[string]shape{
		"BuildKit":    whatBuildKitMakes(),
		"steps":       whatStepsDo(),
		"config":      whatIsConfigured(),
		"tar":         whatTarsHold(),
		"odd tar":     whatTarsHide(),
		"manifests":   whatManifestsSay(),
		"bases":       whatBasesAre(),
		"Debian":      whatDebianIs(),
		"adversarial": whatMustNotGoWrong(),
		"running":     whatConfigurationsHide(),
	}
}

func parse(t testing.TB, reference string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(reference, name.Insecure)
	must(t, err)
	return ref
}
