// Package survey asks registries what a decision about an image needs: where its base is known from, which image a patched
// one was made from, and whether it may be rebased. It decides nothing.
package survey

import (
	"context"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// Registry is what a survey asks of registries.
type Registry interface {
	// Inspect reads what a repository has under a digest.
	Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error)
	// Layers reads what the tar headers of layers say.
	Layers(ctx context.Context, needed []safety.Layer) (safety.Facts, error)
}

// gone tells whether an error says that what was asked for cannot be had. Some registries deny what they do not have.
func gone(err error) bool {
	switch registry.KindOf(err) {
	case registry.NotFound, registry.Denied, registry.BadContent:
		return true
	}
	return false
}
