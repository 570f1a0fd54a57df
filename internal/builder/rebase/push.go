package rebase

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/respin-dev/respin/internal/builder"
)

// push does what a plan says, stage after stage.
func (b *Builder) push(ctx context.Context, plan *Plan, report func(builder.Progress)) error {
	for s := blobs; s <= tag; s++ {
		report(builder.Progress{Step: int(s) + 2, Steps: len(stages) + 1, Current: stages[s]})
		if err := b.pushStage(ctx, plan, s); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) pushStage(ctx context.Context, plan *Plan, s stage) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, w := range plan.Writes {
		if w.stage == s {
			group.Go(func() error { return b.write(ctx, w) })
		}
	}
	return group.Wait()
}

func (b *Builder) write(ctx context.Context, w Write) error {
	switch {
	case w.stage != blobs:
		return b.registry.PushManifest(ctx, w.To, w.Descriptor.MediaType, w.Content)
	case w.Content != nil:
		return b.registry.PushBlob(ctx, w.To, w.Content)
	}
	return b.registry.Mount(ctx, w.From, w.To, w.Descriptor)
}
