package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/survey"
)

// product is what the operator and the command are made of, put together in this process.
type product struct {
	client *registry.Client
	t      testing.TB
}

// product is one that has read nothing yet but what a folder keeps of layers.
func (b *bed) product(facts string) product {
	return product{t: b.t, client: registry.New(registry.Options{
		PlainHTTP: []string{b.registry.Host}, FactsDir: facts, UserAgent: "respin-bench",
	})}
}

// warm has the bases read, as an operator has that looks after other images on them.
func (p product) warm(b *bed) product {
	p.t.Helper()
	for _, digest := range []string{b.base.Digest, b.now} {
		_, err := p.client.Inspect(p.t.Context(), b.base.WithDigest(digest), nil)
		must(p.t, err)
	}
	return p
}

// rebase is everything from an image's name to the new image: where its base stands, how that is known, the proof, and
// the rebase itself.
func (p product) rebase(app, output image.Reference) {
	p.t.Helper()
	ctx := p.t.Context()
	request, err := p.assess(ctx, app)
	must(p.t, err)
	request.Output = output.String()
	_, err = rebase.New(p.client, "bench").Build(ctx, request, nil)
	must(p.t, err)
}

// assess gives the request for a rebase that is proven.
func (p product) assess(ctx context.Context, app image.Reference) (builder.Request, error) {
	var none builder.Request
	if app.Digest == "" {
		at, err := p.client.Digest(ctx, app, time.Now())
		if err != nil {
			return none, err
		}
		app = app.WithDigest(at.Digest)
	}
	search := survey.Search{Registry: p.client}
	inspected, err := p.client.Inspect(ctx, app, nil)
	if err != nil {
		return none, err
	}
	inspected, lineage, err := search.Find(ctx, app, inspected, nil)
	if err != nil {
		return none, err
	}
	now, err := p.behind(ctx, inspected, lineage)
	if err != nil {
		return none, err
	}
	return p.prove(ctx, search, image.Original(app, inspected), lineage.Base.WithDigest(now))
}

// behind gives the base's digest of now, if the image is not on it.
func (p product) behind(ctx context.Context, app image.Image, lineage image.Lineage) (string, error) {
	now, err := p.client.Digest(ctx, lineage.Base, time.Now())
	if err != nil {
		return "", err
	}
	base, err := p.client.Inspect(ctx, lineage.Base.WithDigest(now.Digest), app.Platforms())
	if err != nil {
		return "", err
	}
	recorded, err := survey.Recorded(ctx, p.client, lineage, base, app.Platforms())
	if err != nil {
		return "", err
	}
	verdict, err := image.Behind(lineage, app, base, nil, recorded...)
	if err == nil && !verdict.Behind {
		err = fmt.Errorf("the image is current: %s", verdict.Reason())
	}
	return now.Digest, err
}

// prove gives the request for the rebase onto a base if it is safe.
func (p product) prove(ctx context.Context, search survey.Search, source, base image.Reference) (builder.Request, error) {
	from, results, err := search.Origins(ctx, source, base)
	if err != nil {
		return builder.Request{}, err
	}
	on := map[string]string{}
	for _, record := range from {
		on[record.Platform.String()] = record.Digest
	}
	tag := base.WithDigest("")
	if len(results) == 0 {
		results, err = survey.Prove(ctx, p.client, survey.Rebase{Source: source, Base: tag, From: on, To: base.Digest})
	}
	if err == nil && !safety.Allowed(results) {
		err = fmt.Errorf("the rebase is refused: %+v", results)
	}
	return builder.Request{
		Source: source, Base: builder.Base{Reference: tag.String(), To: base.Digest, FromPlatforms: on},
		Annotations: map[string]string{
			image.AnnotationBaseName: tag.Familiar(), image.AnnotationBaseDigest: base.Digest,
			image.AnnotationSourceDigest: source.Digest, image.AnnotationSourceName: source.Repository,
		},
	}, err
}
