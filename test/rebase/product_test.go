//go:build integration

package rebase

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
	product "github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/survey"
)

// impossible is where the table has the refusals of the builder itself.
const impossible safety.Check = "impossible"

// patch is what the product does about the shape.
type patch struct {
	refusals []safety.Result
	// digest of what was pushed; empty where nothing was.
	digest string
}

// patch finds an image's base, proves the rebase, and does it. It is done as well where the proof fails, to see what
// would have come of it. The image is one that was never patched.
func (w *work) patch(app image.Reference) patch {
	w.t.Helper()
	base := w.ref(followed)
	records, refusals, err := w.search(base).Origins(w.t.Context(), app, base)
	must(w.t, err)
	if len(refusals) > 0 {
		return patch{refusals: refusals}
	}
	from := map[string]string{}
	for _, record := range records {
		if record.Digest != "" {
			from[record.Platform.String()] = record.Digest
		}
	}
	results, err := survey.Prove(w.t.Context(), w.client, survey.Rebase{Source: app, Base: base, From: from, To: w.now})
	must(w.t, err)
	if !safety.Allowed(results) {
		refusals = slices.DeleteFunc(results, func(r safety.Result) bool { return r.Passed })
	}
	return w.rebase(refusals, builder.Request{
		Source: app, Base: builder.Base{Reference: base.String(), FromPlatforms: from, To: w.now}, Output: w.at("patched:v1"),
		Annotations: map[string]string{
			image.AnnotationBaseName: base.String(), image.AnnotationBaseDigest: w.now,
			image.AnnotationSourceDigest: app.Digest, image.AnnotationSourceName: app.Repository,
		},
	})
}

func (w *work) rebase(refusals []safety.Result, request builder.Request) patch {
	w.t.Helper()
	if len(request.Base.FromPlatforms) == 0 {
		return patch{refusals: refusals}
	}
	result, err := product.New(w.client, "test").Build(w.t.Context(), request, nil)
	var refused *builder.RefusedError
	if errors.As(err, &refused) {
		return patch{refusals: append(refusals, safety.Result{Check: impossible, Reason: refused.Error()})}
	}
	must(w.t, err)
	return patch{refusals, result.Digest}
}

// search looks for the image's base. An image with provenance has to tell of it itself. For others a policy declares the
// base, and one has seen the old base before it moved.
func (w *work) search(base image.Reference) survey.Search {
	w.t.Helper()
	search := survey.Search{Registry: w.client}
	if w.attest != "" {
		return search
	}
	search.Declared = &base
	search.Bases = func(ctx context.Context, platforms []image.Platform) []image.Candidate {
		old, err := w.client.Inspect(ctx, base.WithDigest(w.old), platforms)
		must(w.t, err)
		return []image.Candidate{{Reference: base, Image: old}}
	}
	return search
}

func (w *work) ref(name string) image.Reference {
	w.t.Helper()
	ref, err := image.ParseReference(w.at(name))
	must(w.t, err)
	return ref
}

func newClient(t testing.TB, host string) *registry.Client {
	t.Helper()
	return registry.New(registry.Options{PlainHTTP: []string{host}, UserAgent: "respin-shapes"})
}
