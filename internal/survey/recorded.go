package survey

import (
	"context"

	"github.com/respin-dev/respin/internal/image"
)

// Recorded reads a base as it was when an image was built, to compare it platform by platform with the base as it is
// now. It need not exist any more: the image is then behind.
func Recorded(ctx context.Context, r interface {
	Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error)
}, lineage image.Lineage, now image.Image, platforms []image.Platform) ([]image.Image, error) {
	var recorded []image.Image
	for _, digest := range lineage.Digests() {
		if digest == now.Digest || !now.Index {
			continue
		}
		old, err := r.Inspect(ctx, lineage.Base.WithDigest(digest), platforms)
		switch {
		case gone(err):
			continue
		case err != nil:
			return nil, err
		}
		recorded = append(recorded, old)
	}
	return recorded, nil
}
