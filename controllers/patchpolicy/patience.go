package patchpolicy

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// maxFailures bounds what failures remembers. Beyond it everything is forgotten, and asked for once more.
const maxFailures = 4096

// failures remembers the images that could not be read. What can be read never changes and is remembered by the
// registry's client; what cannot is asked for again once in an interval, however many pods come and go meanwhile.
type failures struct {
	mu    sync.Mutex
	known map[string]failure
}

type failure struct {
	at  time.Time
	err error
}

// since is how reading an image failed, if it did so at notBefore or later.
func (f *failures) since(key string, notBefore time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, ok := f.known[key]
	if !ok || known.at.Before(notBefore) {
		return nil
	}
	return known.err
}

func (f *failures) note(key string, at time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.known, key)
		return
	}
	if f.known == nil || len(f.known) >= maxFailures {
		f.known = map[string]failure{}
	}
	f.known[key] = failure{at, err}
}

// patient reads registries for one look at a policy, with that policy's credentials: what they fail at says nothing of
// others'. It does not ask again for images that failed since notBefore, and
// asks nothing more of a registry that did not answer: a dead one holds a look up once, not once for each image.
type patient struct {
	Registry
	owner     types.UID
	failures  *failures
	silent    map[string]error
	now       time.Time
	notBefore time.Time
}

// Digest tells where a tag stands.
func (p patient) Digest(ctx context.Context, ref image.Reference, notBefore time.Time) (registry.Resolved, error) {
	if err := p.silent[ref.Registry()]; err != nil {
		return registry.Resolved{}, notAsked(ref, err)
	}
	resolved, err := p.Registry.Digest(ctx, ref, notBefore)
	p.listen(ref, err)
	return resolved, err
}

// Inspect reads what a repository has under a digest.
func (p patient) Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error) {
	return p.ask(ctx, "image", ref, func() (image.Image, error) { return p.Registry.Inspect(ctx, ref, platforms) })
}

// Provenance adds to an inspected image what its provenance tells of its build.
func (p patient) Provenance(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	return p.ask(ctx, "provenance", ref, func() (image.Image, error) { return p.Registry.Provenance(ctx, ref, inspected) })
}

// Layers reads what the tar headers of layers say. What failed is not read again for each pod that comes and goes.
func (p patient) Layers(ctx context.Context, needed []safety.Layer) (safety.Facts, error) {
	key := string(p.owner) + " layers"
	for _, layer := range needed {
		if err := p.silent[layer.Ref.Registry()]; err != nil {
			return nil, notAsked(layer.Ref, err)
		}
		if of := " " + layer.Ref.String(); !strings.Contains(key, of) {
			key += of
		}
	}
	if err := p.failures.since(key, p.notBefore); err != nil {
		return nil, err
	}
	facts, err := p.Registry.Layers(ctx, needed)
	if ctx.Err() == nil {
		p.failures.note(key, p.now, err)
	}
	return facts, err
}

func (p patient) ask(ctx context.Context, what string, ref image.Reference,
	read func() (image.Image, error)) (image.Image, error) {
	key := string(p.owner) + " " + what + " " + ref.String()
	if err := p.failures.since(key, p.notBefore); err != nil {
		return image.Image{}, err
	}
	if err := p.silent[ref.Registry()]; err != nil {
		return image.Image{}, notAsked(ref, err)
	}
	found, err := read()
	if ctx.Err() == nil { // a look that was broken off says nothing of the image
		p.failures.note(key, p.now, err)
		p.listen(ref, err)
	}
	return found, err
}

// listen notes a registry that did not answer.
func (p patient) listen(ref image.Reference, err error) {
	if registry.KindOf(err) == registry.Unreachable {
		p.silent[ref.Registry()] = err
	}
}

func notAsked(ref image.Reference, err error) error {
	return fmt.Errorf("%s was not asked for, since its registry did not answer: %w", ref.Familiar(), err)
}
