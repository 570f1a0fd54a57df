package patchpolicy

import (
	"context"
	"sync"
	"time"

	"github.com/respin-dev/respin/internal/image"
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

// patient reads images for one look at a policy, and does not ask again for those that failed since notBefore.
type patient struct {
	Registry
	failures  *failures
	now       time.Time
	notBefore time.Time
}

// Inspect reads what a repository has under a digest.
func (p patient) Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error) {
	return p.ask(ctx, "image "+ref.String(), func() (image.Image, error) { return p.Registry.Inspect(ctx, ref, platforms) })
}

// Provenance adds to an inspected image what its provenance tells of its build.
func (p patient) Provenance(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	return p.ask(ctx, "provenance "+ref.String(), func() (image.Image, error) {
		return p.Registry.Provenance(ctx, ref, inspected)
	})
}

func (p patient) ask(ctx context.Context, key string, read func() (image.Image, error)) (image.Image, error) {
	if err := p.failures.since(key, p.notBefore); err != nil {
		return image.Image{}, err
	}
	found, err := read()
	if ctx.Err() == nil { // a look that was broken off says nothing of the image
		p.failures.note(key, p.now, err)
	}
	return found, err
}
