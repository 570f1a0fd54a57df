package survey

import (
	"context"
	"slices"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
)

// inspectRunning reads the image that runs, where it is not the source itself.
func inspectRunning(ctx context.Context, r Registry, of Rebase) (image.Image, error) {
	if of.Running.Digest == of.Source.Digest || of.Running.Digest == "" {
		return image.Image{}, nil
	}
	return r.Inspect(ctx, of.Running, nil)
}

// madeFrom tells whether the image that runs has the source's own layers. It says itself what it was made from, and
// whoever may push it could name any image that the namespace may read, to have it brought to where they can read it
// too. An image without layers of its own proves nothing: it has to be in the same repository.
func (of Rebase) madeFrom(running image.Image, one safety.Case) bool {
	if running.Digest == "" {
		return true
	}
	if len(one.OldBase.DiffIDs) > len(one.App.DiffIDs) {
		return false
	}
	own := one.App.DiffIDs[len(one.OldBase.DiffIDs):]
	child, ok := running.Child(one.Platform)
	if !ok || len(own) == 0 {
		return ok && of.Running.Repository == of.Source.Repository
	}
	above := len(child.DiffIDs) - len(own)
	return above >= 0 && slices.Equal(child.DiffIDs[above:], own)
}
