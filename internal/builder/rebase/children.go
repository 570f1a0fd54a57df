package rebase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/respin-dev/respin/internal/image"
)

// child is one platform's image on its way.
type child struct {
	// entry is the source's in its index; of a single image it has the digest only.
	entry    ocispec.Descriptor
	platform image.Platform
	app      single
	// oldTop is what the old base was found in: an index, as a rule.
	oldTop   image.Reference
	old, new single
	// result is nil where the base has not moved for the platform: then the image stays as it is.
	result *rebased
	// attached are the attestations of an image that stays as it is.
	attached []attached
}

// attached is an attestation in the source's index, with its manifest where that has to be copied.
type attached struct {
	entry    ocispec.Descriptor
	manifest document
}

// gathering reads and rebases what a job's source consists of.
type gathering struct {
	*reader
	job    job
	source document
}

// children rebases the source's images, each on its own platform's base. What keeps any of them keeps all.
func (g gathering) children(ctx context.Context) ([]child, error) {
	entries := []ocispec.Descriptor{{Digest: digest.Digest(g.job.source.Digest)}}
	if g.source.isIndex() {
		entries = images(g.source.Manifests)
	}
	found, errs := make([]*child, len(entries)), make([]error, len(entries)+1)
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, entry := range entries {
		group.Go(func() error {
			found[i], errs[i] = g.child(ctx, entry)
			return nil
		})
	}
	_ = group.Wait() // each has its own error
	errs[len(entries)] = g.job.missing(g.source, found)
	if err := joined(errs); err != nil {
		return nil, err
	}
	var children []child
	for _, c := range found {
		if c != nil {
			children = append(children, *c)
		}
	}
	return children, nil
}

// child rebases one platform's image. It is nil for a platform that is not wanted.
func (g gathering) child(ctx context.Context, entry ocispec.Descriptor) (*child, error) {
	if platform, said := platformOf(entry); said && !g.job.wants(platform) {
		return nil, nil
	}
	app, err := g.single(ctx, image.Reference{Repository: g.job.source.Repository, Digest: entry.Digest.String()})
	if err != nil {
		return nil, err
	}
	c := &child{entry: entry, app: app, platform: exactly(entry, app.config.platform)}
	if !g.job.wants(c.platform) {
		return nil, nil
	}
	if err := g.bases(ctx, c); err != nil {
		return nil, err
	}
	if g.source.isIndex() && c.old.ref == c.new.ref {
		c.attached, err = g.attachedTo(ctx, c)
		return c, err
	}
	result, err := rebase(c.app, c.old, c.new, g.job.annotations)
	if err != nil {
		return nil, g.refuse(c, err)
	}
	c.result = &result
	return c, nil
}

// bases reads the old and the new base of a child, at the same time.
func (g gathering) bases(ctx context.Context, c *child) error {
	var group sync.WaitGroup
	errs := make([]error, 2)
	group.Go(func() { errs[0] = g.oldBase(ctx, c) })
	group.Go(func() { errs[1] = g.newBase(ctx, c) })
	group.Wait()
	return joined(errs)
}

func (g gathering) newBase(ctx context.Context, c *child) error {
	found, ok, err := g.find(ctx, g.job.base, c.platform)
	if err == nil && !ok {
		err = g.refuse(c, fmt.Errorf("%s is not published for that platform; follow another tag, or stop running the image "+
			"there", g.job.base.Familiar()))
	}
	c.new = found
	return err
}

// oldBase finds the base that a child stands on: the first of the digests in question with whose layers it begins. What
// is wrong with the first is told if none is.
func (g gathering) oldBase(ctx context.Context, c *child) error {
	trouble := g.refuse(c, errors.New("nothing names the digest of the base that it was built on"))
	for i, from := range g.job.oldBases(c.platform) {
		ref := g.job.base.WithDigest(from)
		found, ok, err := g.find(ctx, ref, c.platform)
		if ok && image.BeginsWith(c.app.config.diffIDs, found.config.diffIDs) {
			c.old, c.oldTop = found, ref
			return nil
		}
		if err == nil {
			err = g.refuse(c, fmt.Errorf("its layers do not begin with those of %s; declare the base that it was built on, or "+
				"build it again", ref.Familiar()))
		}
		if i == 0 {
			trouble = err
		}
	}
	return trouble
}

// attachedTo gives the attestations of an image that stays as it is: what they say of it is still true.
func (g gathering) attachedTo(ctx context.Context, c *child) ([]attached, error) {
	var all []attached
	for _, entry := range g.source.Manifests {
		if !isAttestationOf(entry, c.entry.Digest.String()) {
			continue
		}
		one := attached{entry: entry}
		if g.job.output.Repository != g.job.source.Repository {
			var err error
			ref := image.Reference{Repository: g.job.source.Repository, Digest: entry.Digest.String()}
			if one.manifest, err = g.manifest(ctx, ref); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, nil
}

func (g gathering) refuse(c *child, err error) error {
	return refuse(g.job.source, fmt.Errorf("%s: %w", c.platform, err))
}

// missing refuses to leave out a platform that is wanted.
func (j job) missing(source document, found []*child) error {
	for _, wanted := range j.platforms {
		is := func(c *child) bool { return c != nil && c.platform.Matches(wanted) }
		said := func(e ocispec.Descriptor) bool {
			platform, ok := platformOf(e)
			return ok && isImage(e) && platform.Matches(wanted)
		}
		if !slices.ContainsFunc(found, is) && !slices.ContainsFunc(source.Manifests, said) {
			return refuse(j.source, fmt.Errorf("it is not made for %s; name platforms that it is made for", wanted))
		}
	}
	return nil
}
