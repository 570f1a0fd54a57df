package registry

import (
	"context"
	"io"
	"net/http"
	"net/url"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// Mount puts a blob of one repository into another, without moving its bytes where both are on one registry and that
// allows it: that is one request, also where the other repository has the blob already. Within a repository there is
// nothing to do.
//
// Otherwise the bytes are streamed through the operator, unless the other repository has them already, and are checked
// on their way. An upload that fails is left to the registry, which clears such away.
func (c *Client) Mount(ctx context.Context, from, to image.Reference, d ocispec.Descriptor) error {
	of, err := ofImage(d)
	if err != nil {
		return failure(from, err)
	}
	if from.Repository == to.Repository {
		return nil
	}
	var at *url.URL
	if from.Registry() == to.Registry() {
		var mounted bool
		if at, mounted, err = c.mount(ctx, from, to, of); mounted || err != nil {
			return err
		}
	}
	if there, err := c.has(ctx, to, of.Digest); there || err != nil {
		return err
	}
	return c.upload(ctx, to, at, func(at *url.URL) error { return c.copy(ctx, from, to, of, at) })
}

// mount asks for a mount. A registry that refuses it opens an upload instead, and says where, or answers with an error,
// as those do that know no mounts or do not let one login read the one repository and write the other.
func (c *Client) mount(ctx context.Context, from, to image.Reference, d descriptor) (at *url.URL, mounted bool, err error) {
	query := url.Values{"mount": {d.Digest}, "from": {from.Path()}}
	at, err = c.post(ctx, to, call{
		what: "blobs/uploads/?" + query.Encode(), from: from.Repository,
		accept: []int{http.StatusCreated, http.StatusAccepted},
	}, d.Digest)
	switch KindOf(err) {
	case Denied, NotFound, BadContent:
		return nil, false, nil
	}
	return at, at == nil && err == nil, err
}

// copy streams a blob from one repository to where the other one takes it.
func (c *Client) copy(ctx context.Context, from, to image.Reference, d descriptor, at *url.URL) error {
	p := newPatience(ctx, c.timeout, longestCopying)
	open := func() (io.ReadCloser, error) {
		stream, err := c.stream(p, from, d)
		if err != nil {
			return nil, err
		}
		return stream, nil
	}
	err := c.finishUpload(p.ctx, to, at, d.Digest, body{open: open, length: d.Size})
	return p.over(from, to, err)
}

// stream opens a blob for reading, checked as it is read.
func (c *Client) stream(p *patience, ref image.Reference, d descriptor) (*verified, error) {
	p.reading.Store(true)
	//nolint:bodyclose // who reads the stream closes it
	answer, err := c.do(p.ctx, ref, call{method: http.MethodGet, what: "blobs/" + d.Digest})
	p.reading.Store(false)
	if err != nil {
		return nil, err
	}
	return newVerified(ref, d, p.of(answer.Body), answer.Body), nil
}
