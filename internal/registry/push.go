package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

// PushBlob stores a small blob, such as a config, in a repository. It costs two requests, also where the repository has
// the blob.
func (c *Client) PushBlob(ctx context.Context, to image.Reference, content []byte) error {
	return c.upload(ctx, to, nil, func(at *url.URL) error {
		ctx, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		return c.finishUpload(ctx, to, at, digest.FromBytes(content).String(), held(content))
	})
}

// PushManifest stores a manifest or an index under the reference's tag, or under its digest alone where it has no tag.
// A digest beside a tag has to be that of the bytes. It costs one request. All that the manifest refers to has to be in
// the repository before.
func (c *Client) PushManifest(ctx context.Context, to image.Reference, mediaType string, raw []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	own := digest.FromBytes(raw).String()
	if to.Digest != "" && to.Digest != own {
		return fmt.Errorf("pushing %s: the manifest has the digest %s", to, own)
	}
	if to.Tag != "" {
		defer c.moved(to)
	}
	return c.put(ctx, to, own, mediaType, held(raw), call{what: manifestPath(to)})
}

// held is a body that is in memory.
func held(content []byte) body {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	return body{open: open, length: int64(len(content))}
}

// moved remembers that a tag was pushed, or may have been. It is no answer of a registry's, and goes for all
// credentials.
func (c *Client) moved(to image.Reference) { c.moves.put(moveOf(to), c.now(), 1) }

// sinceMoved is the later of a time and our own last push of a reference's tag.
func (c *Client) sinceMoved(ref image.Reference, notBefore time.Time) time.Time {
	if at, ok := c.moves.get(moveOf(ref)); ok && at.After(notBefore) {
		return at
	}
	return notBefore
}

func moveOf(ref image.Reference) key { return key("move " + ref.Repository + ":" + ref.Tag) }
