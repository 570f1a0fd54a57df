package main

import (
	"context"
	"errors"
	"time"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/survey"
)

// assessment is everything that is found out about an image.
type assessment struct {
	ref     image.Reference // with the digest
	lineage image.Lineage
	base    image.Image
	verdict image.Verdict
	results []safety.Result
	// from are the digests of the base that the original was built on.
	from     []image.Record
	original image.Reference
	image    image.Image
}

// safe tells whether the image may be rebased.
func (a assessment) safe() bool { return a.verdict.Behind && safety.Allowed(a.results) }

// assess finds out whether an image is behind its base, and whether it may be rebased. The client that it comes with is
// also for the other references that the user has named.
func assess(ctx context.Context, o *options, reference string, others ...string) (*registry.Client, assessment, error) {
	if err := o.check(); err != nil {
		return nil, assessment{}, err
	}
	client, err := o.client(append(others, reference)...)
	if err != nil {
		return nil, assessment{}, err
	}
	var a assessment
	if a.ref, err = resolve(ctx, client, reference); err != nil {
		return nil, a, err
	}
	search := survey.Search{Registry: client}
	if search.Declared, err = o.declared(); err != nil {
		return nil, a, err
	}
	return client, a, a.look(ctx, client, search, o.allow)
}

// look reads the image and its bases.
func (a *assessment) look(ctx context.Context, client *registry.Client, search survey.Search, allow []string) (err error) {
	if a.image, err = client.Inspect(ctx, a.ref, nil); err != nil {
		return err
	}
	if a.image, a.lineage, err = search.Find(ctx, a.ref, a.image, nil); err != nil {
		return err
	}
	if err := a.compare(ctx, client); err != nil || !a.verdict.Behind {
		return err
	}
	return a.prove(ctx, client, search, allow)
}

// resolve finds the digest of an image that is named by a tag.
func resolve(ctx context.Context, client *registry.Client, reference string) (image.Reference, error) {
	ref, err := image.ParseReference(reference)
	if err != nil {
		return ref, usageError{err}
	}
	if ref.Digest != "" {
		return ref, nil
	}
	at, err := client.Digest(ctx, ref, time.Time{})
	return ref.WithDigest(at.Digest), err
}

func (a *assessment) compare(ctx context.Context, client *registry.Client) error {
	now, err := client.Digest(ctx, a.lineage.Base, time.Time{})
	if err != nil {
		return err
	}
	if a.base, err = client.Inspect(ctx, a.lineage.Base.WithDigest(now.Digest), a.image.Platforms()); err != nil {
		return err
	}
	recorded, err := survey.Recorded(ctx, client, a.lineage, a.base, a.image.Platforms())
	if err != nil {
		return err
	}
	a.verdict, err = image.Behind(a.lineage, a.image, a.base, nil, recorded...)
	return err
}

func (a *assessment) prove(ctx context.Context, client *registry.Client, search survey.Search, allow []string) (err error) {
	a.original = image.Original(a.ref, a.image)
	if a.from, a.results, err = search.Origins(ctx, a.original, a.lineage.Base); err != nil || len(a.results) > 0 {
		return err
	}
	of := survey.Rebase{Source: a.original, Running: a.ref, Base: a.lineage.Base, From: survey.ByPlatform(a.from), To: a.base.Digest}
	for _, name := range allow {
		of.Allow = append(of.Allow, safety.Check(name))
	}
	a.results, err = survey.Prove(ctx, client, of)
	return err
}

// plan computes the rebase to a reference. One that is refused after all is a result like the others.
func (a *assessment) plan(ctx context.Context, rebaser *rebase.Builder, output image.Reference) (*rebase.Plan, error) {
	plan, err := rebaser.Plan(ctx, a.request(output))
	if a.refuses(err) {
		return nil, nil
	}
	return plan, err
}

// refuses tells whether an error is a rebase that is refused after all, and takes its reasons.
func (a *assessment) refuses(err error) bool {
	var refused *builder.RefusedError
	if !errors.As(err, &refused) {
		return false
	}
	for _, reason := range refused.Reasons {
		a.results = append(a.results, safety.Result{Check: survey.Known, Reason: reason})
	}
	return true
}

func (a *assessment) request(output image.Reference) builder.Request {
	return builder.Request{
		Source: a.original,
		Base:   builder.Base{Reference: a.lineage.Base.String(), To: a.base.Digest, FromPlatforms: survey.ByPlatform(a.from)},
		Output: output.String(),
		Annotations: map[string]string{
			image.AnnotationBaseName:     a.lineage.Base.Familiar(),
			image.AnnotationBaseDigest:   a.base.Digest,
			image.AnnotationSourceDigest: a.original.Digest,
			image.AnnotationSourceName:   a.original.Repository,
		},
	}
}
