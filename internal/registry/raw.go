package registry

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// Manifest gives the index or the manifest of a reference's digest as it is stored, with its media type. Inspect reads
// the same: of the two, only the first costs a request. Nobody writes to the bytes, which are shared.
func (c *Client) Manifest(ctx context.Context, ref image.Reference) (mediaType string, raw []byte, err error) {
	if ref.Digest == "" {
		return "", nil, fmt.Errorf("reading the manifest of %s: it has no digest", ref)
	}
	d, err := c.document(ctx, ref, ref.Digest)
	return d.MediaType, d.raw, err
}

// Config gives an image's config as it is stored. It shares its requests with Inspect as Manifest does, and its bytes
// likewise.
func (c *Client) Config(ctx context.Context, ref image.Reference, d ocispec.Descriptor) ([]byte, error) {
	of, err := ofImage(d)
	if err != nil {
		return nil, failure(ref, err)
	}
	read, err := c.configOf(ctx, ref, of)
	return read.raw, err
}
