package rebase

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// reader reads what one rebase needs, each thing once.
type reader struct {
	registry  Registry
	documents once[document]
	singles   once[single]
}

// once remembers what was read, by where it was read from.
type once[T any] struct {
	mu  sync.Mutex
	got map[string]func() (T, error)
}

func (o *once[T]) get(ref image.Reference, read func() (T, error)) (T, error) {
	o.mu.Lock()
	got, ok := o.got[ref.String()]
	if !ok {
		got = sync.OnceValues(read)
		if o.got == nil {
			o.got = map[string]func() (T, error){}
		}
		o.got[ref.String()] = got
	}
	o.mu.Unlock()
	return got()
}

// document reads the index or manifest of a reference's digest.
func (r *reader) document(ctx context.Context, ref image.Reference) (document, error) {
	return r.documents.get(ref, func() (document, error) {
		mediaType, raw, err := r.registry.Manifest(ctx, ref)
		if err != nil {
			return document{}, err
		}
		d, err := parseDocument(mediaType, raw)
		if err != nil {
			return document{}, refuse(ref, err)
		}
		return d, nil
	})
}

// manifest reads an image's manifest.
func (r *reader) manifest(ctx context.Context, ref image.Reference) (document, error) {
	d, err := r.document(ctx, ref)
	if err == nil && d.isIndex() {
		err = refuse(ref, errors.New("it is an index where its index says that it is an image: push it again"))
	}
	return d, err
}

// single reads one platform's image.
func (r *reader) single(ctx context.Context, ref image.Reference) (single, error) {
	return r.singles.get(ref, func() (single, error) { return r.readSingle(ctx, ref) })
}

func (r *reader) readSingle(ctx context.Context, ref image.Reference) (single, error) {
	manifest, err := r.manifest(ctx, ref)
	if err != nil {
		return single{}, err
	}
	if !isConfigType(manifest.Config.MediaType) {
		return single{}, refuse(ref, fmt.Errorf("it is no container image: its config is %.128q", manifest.Config.MediaType))
	}
	raw, err := r.registry.Config(ctx, ref, *manifest.Config)
	if err != nil {
		return single{}, err
	}
	parsed, err := parseSingle(ref, manifest, raw)
	if err != nil {
		return single{}, refuse(ref, err)
	}
	return parsed, nil
}

// find reads the image for a platform out of what a reference's digest stands for. It is not found if there is none.
func (r *reader) find(ctx context.Context, ref image.Reference, platform image.Platform) (found single, ok bool, err error) {
	ref.Tag = ""
	top, err := r.document(ctx, ref)
	if err != nil {
		return single{}, false, err
	}
	entries := []ocispec.Descriptor{{}}
	if top.isIndex() {
		entries = candidates(top.Manifests, platform)
	}
	for _, entry := range entries {
		at := ref
		if top.isIndex() {
			at.Digest = entry.Digest.String()
		}
		if found, err = r.single(ctx, at); err != nil {
			return single{}, false, err
		}
		if exactly(entry, found.config.platform).Matches(platform) {
			return found, true, nil
		}
	}
	return single{}, false, nil
}
