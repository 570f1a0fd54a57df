package registry

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
	"github.com/respin-dev/respin/internal/image/safety"
)

const (
	// layersAtOnce bounds the layers that are read at the same time, for all callers together: each takes memory, and
	// as much of a processor as there is. Of one registry's, one is read at a time: see places.
	layersAtOnce = 2
	// longestTurn bounds the reading of one layer together with the waiting for others'.
	longestTurn = time.Hour
)

// Layers tells what the needed layers do to the file system, by DiffID. Each layer is read once, as a stream, and found
// to be what its digest and its DiffID say; what was learned is kept, also across restarts where Options has a folder
// for it. Foreign layers are refused, and what exceeds layers.DefaultLimits.
func (c *Client) Layers(ctx context.Context, needed []safety.Layer) (safety.Facts, error) {
	learned := learned{all: safety.Facts{}, room: c.library.together}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(layersAtOnce)
	for _, l := range distinct(needed) {
		group.Go(func() error {
			// What nobody waits for any more is not begun.
			if err := ctx.Err(); err != nil {
				return err
			}
			facts, err := c.layer(ctx, l)
			if err != nil {
				return err
			}
			return learned.add(l, facts)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return learned.all, nil
}

// learned is what one call comes to.
type learned struct {
	mu   sync.Mutex
	all  safety.Facts
	room int // bytes of memory
}

func (l *learned) add(of safety.Layer, facts layers.Facts) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[of.DiffID] = facts
	if l.room -= costOf(facts); l.room < 0 {
		return failure(of.Ref, badContent("its layers and its bases' hold more files than are looked into together"))
	}
	return nil
}

// distinct leaves out the layers that were named before.
func distinct(needed []safety.Layer) []safety.Layer {
	type identity struct{ registry, digest, diffID string }
	seen := map[identity]bool{}
	var all []safety.Layer
	for _, l := range needed {
		id := identity{l.Ref.Registry(), l.Layer.Digest, l.DiffID}
		if !seen[id] {
			all = append(all, l)
		}
		seen[id] = true
	}
	return all
}

// layer gives what is known of a layer, or reads it.
func (c *Client) layer(ctx context.Context, l safety.Layer) (layers.Facts, error) {
	of := descriptor{MediaType: l.Layer.MediaType, Digest: l.Layer.Digest, Size: l.Layer.Size}
	if err := c.library.check(of); err != nil {
		return layers.Facts{}, failure(l.Ref, err)
	}
	at := c.layerKey(l.Ref, of.Digest)
	facts, ok := c.library.recent.get(at)
	if !ok {
		var err error
		if facts, err = sharedWithin(ctx, c, at, longestTurn, c.learning(l.Ref, of, at)); err != nil {
			return layers.Facts{}, err
		}
	}
	if facts.DiffID != l.DiffID {
		return layers.Facts{}, failure(l.Ref, badContent("its layer %s unpacks to %s, and its config says %.128q",
			of.Digest, facts.DiffID, l.DiffID))
	}
	return facts, nil
}

func (l *library) check(of descriptor) error {
	if err := checkDescriptors(nil, &of); err != nil {
		return err
	}
	if isForeign(of.MediaType) {
		return foreign(of)
	}
	if of.Size > l.limits.Bytes {
		return badContent("its layer %s is said to have %d bytes, and no more than %d are read",
			of.Digest, of.Size, l.limits.Bytes)
	}
	return nil
}

// learning looks for a layer in the folder, and then in the registry.
func (c *Client) learning(ref image.Reference, of descriptor, at key) func(context.Context) (layers.Facts, error) {
	return func(ctx context.Context) (layers.Facts, error) {
		if facts, ok := c.library.recall(at); ok {
			return facts, nil
		}
		if err := c.library.places.take(ctx, ref.Registry()); err != nil {
			return layers.Facts{}, failure(ref, err)
		}
		defer c.library.places.leave(ref.Registry())
		p := newPatience(ctx, c.timeout, longestReading)
		p.ours, p.pace.over = true, c.library.rateOver
		facts, err := c.readLayer(p, ref, of)
		if err = p.over(ref, ref, err); err != nil {
			return layers.Facts{}, err
		}
		c.library.record(at, facts)
		return facts, nil
	}
}

// readLayer reads a layer from its registry. Nothing of it is believed before its last byte was seen.
func (c *Client) readLayer(p *patience, ref image.Reference, of descriptor) (layers.Facts, error) {
	stream, err := c.stream(p, ref, of)
	if err != nil {
		return layers.Facts{}, err
	}
	defer stream.Close()
	facts, err := unpack(stream, c.library.limitsFor(of))
	if err != nil && !stream.broken() {
		return layers.Facts{}, failure(ref, badContent("its layer %s cannot be looked into: %s", of.Digest, clean(err.Error())))
	}
	return facts, stream.finish()
}

// limitsFor are the limits of a layer, given its size as it is stored.
func (l *library) limitsFor(of descriptor) layers.Limits {
	limits := l.limits
	limits.Bytes = roomFor(of.Size, limits.Bytes)
	return limits
}

func unpack(stored io.Reader, limits layers.Limits) (layers.Facts, error) {
	plain, err := decompress(stored)
	if err != nil {
		return layers.Facts{}, err
	}
	defer plain.Close()
	return layers.Read(plain, limits)
}
