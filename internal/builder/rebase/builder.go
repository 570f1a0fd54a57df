package rebase

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
)

// parallel is how many platforms are read, and how many blobs or manifests are written, at a time.
const parallel = 8

// Registry is what a rebase needs of registries. Every method checks what it is given against its digest, and bounds it.
type Registry interface {
	// Manifest reads the manifest or index of the reference's digest.
	Manifest(ctx context.Context, ref image.Reference) (mediaType string, raw []byte, err error)
	// Config reads the config that an image's manifest refers to.
	Config(ctx context.Context, ref image.Reference, d ocispec.Descriptor) ([]byte, error)
	// Mount makes a blob of one repository be in another one, by a copy where it cannot be mounted.
	Mount(ctx context.Context, from, to image.Reference, d ocispec.Descriptor) error
	// PushBlob stores a small blob.
	PushBlob(ctx context.Context, to image.Reference, content []byte) error
	// PushManifest stores a manifest or index under the reference's tag, or under its digest where it has no tag.
	PushManifest(ctx context.Context, to image.Reference, mediaType string, raw []byte) error
}

var _ builder.Builder = (*Builder)(nil)

// Builder rebases images. It may be used by many goroutines.
type Builder struct {
	registry Registry
	version  string
}

// New returns a Builder. Version is Respin's own, for the provenance of what it makes: another version gives an image
// with provenance another digest.
func New(r Registry, version string) *Builder { return &Builder{registry: r, version: version} }

// Pin implements builder.Builder: a rebase has no build context, so what is given comes back as it is.
func (b *Builder) Pin(_ context.Context, gitContext string) (string, error) { return gitContext, nil }

// Build implements builder.Builder.
func (b *Builder) Build(ctx context.Context, req builder.Request, report func(builder.Progress)) (builder.Result, error) {
	if report == nil {
		report = func(builder.Progress) {}
	}
	report(builder.Progress{Step: 1, Steps: len(stages) + 1, Current: "reading the images"})
	plan, err := b.Plan(ctx, req)
	if err != nil {
		return builder.Result{}, err
	}
	if err := b.push(ctx, plan, report); err != nil {
		return builder.Result{}, err
	}
	return builder.Result{Digest: plan.Digest}, nil
}

// Plan computes all that a rebase comes to, and pushes nothing.
//
// Errors: *builder.RequestError, *builder.RefusedError, that of a registry, or that of ctx.
func (b *Builder) Plan(ctx context.Context, req builder.Request) (*Plan, error) {
	j, err := newJob(req, b.version)
	if err != nil {
		return nil, err
	}
	g := gathering{reader: &reader{registry: b.registry}, job: j}
	if g.source, err = g.document(ctx, j.source); err != nil {
		return nil, err
	}
	children, err := g.children(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := assemble(j, g.source, children)
	if err != nil {
		return nil, refuse(j.source, err)
	}
	return plan, nil
}
