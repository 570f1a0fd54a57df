package survey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

// maxRounds bounds how often a search reads images that the last answer wanted: each round reads what the one before
// could not know of.
const maxRounds = 4

// Search looks for images' bases.
type Search struct {
	Registry interface {
		// Digest tells where a tag stands; an answer that was got since notBefore is shared.
		Digest(ctx context.Context, ref image.Reference, notBefore time.Time) (registry.Resolved, error)
		// Inspect reads what a repository has under a digest.
		Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error)
		// Provenance adds to an inspected image what its provenance tells of its build.
		Provenance(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error)
	}
	// Declared is the policy's own word; nil where it says nothing.
	Declared *image.Reference
	// Bases gives those that the namespace's policies name. It is asked only where nothing else tells enough, since each
	// has to be read.
	Bases func(ctx context.Context, platforms []image.Platform) []image.Candidate
	// NotBefore is how old an answer about a tag may be.
	NotBefore time.Time
}

// Find finds the base of an inspected image. What costs nothing is tried first, then the provenance, then the layers of
// the bases that policies name. The image comes back with what its provenance tells, where that was read.
func (s Search) Find(ctx context.Context, ref image.Reference, app image.Image, platforms []image.Platform) (image.Image, image.Lineage, error) {
	known := image.Known{Declared: s.Declared}
	found, err := s.settle(ctx, app, platforms, &known)
	if sure(found, err) {
		return app, found, err
	}
	if app, err = s.attested(ctx, ref, app); err != nil {
		return app, found, err
	}
	found, err = s.settle(ctx, app, platforms, &known)
	told := err == nil && found.Digest != "" && found.Certainty != image.Doubtful
	if sure(found, err) || told || s.Bases == nil {
		return app, found, err
	}
	if known.Bases = s.Bases(ctx, app.Platforms()); len(known.Bases) > 0 {
		found, err = s.settle(ctx, app, platforms, &known)
	}
	return app, found, err
}

func sure(found image.Lineage, err error) bool {
	return registry.KindOf(err) != "" || err == nil && found.Certainty == image.Proven
}

// settle reads the images that the answer wants, until it wants no more.
func (s Search) settle(ctx context.Context, app image.Image, platforms []image.Platform, known *image.Known) (image.Lineage, error) {
	var missing error
	for range maxRounds {
		found, err := image.FindLineage(app, platforms, *known)
		if len(found.Wanted) == 0 {
			return found, because(err, missing)
		}
		for _, wanted := range found.Wanted {
			fetched, err := s.Registry.Inspect(ctx, wanted, app.Platforms())
			switch {
			case gone(err):
				missing = err
				known.Missing = append(known.Missing, wanted.Digest)
			case err != nil:
				return image.Lineage{}, err
			default:
				known.Fetched = append(known.Fetched, fetched)
			}
		}
	}
	found, err := image.FindLineage(app, platforms, *known)
	return found, because(err, missing)
}

// because adds to an error what could not be read, since that may be what a person has to mend. It adds the words alone:
// the error stays one of lineage.
func because(err, missing error) error {
	if err == nil || missing == nil {
		return err
	}
	return fmt.Errorf("%w (what could not be read: %s)", err, missing.Error())
}

// attested adds the provenance. It is attached to an index, and the node may tell of the image in it instead, when it
// has pulled that by itself too: then the tag leads to the index, if it still has the image in it.
func (s Search) attested(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	if inspected.Index || ref.Tag == "" {
		return s.Registry.Provenance(ctx, ref, inspected)
	}
	tagged, err := s.Registry.Digest(ctx, ref.WithDigest(""), s.NotBefore)
	if err != nil {
		return inspected, nil
	}
	index, err := s.Registry.Inspect(ctx, ref.WithDigest(tagged.Digest), nil)
	if err != nil || !holds(index, inspected.Digest) {
		return inspected, nil
	}
	index, err = s.Registry.Provenance(ctx, ref.WithDigest(tagged.Digest), index)
	index.Digest = inspected.Digest
	return index, err
}

// holds tells whether an index has an image of a digest in it.
func holds(index image.Image, digest string) bool {
	return index.Index && slices.ContainsFunc(index.Children, func(c image.Child) bool { return c.Digest == digest })
}
