package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/respin-dev/respin/internal/image"
)

// taken are the statuses by which registries say that they took what they were sent: 201 by the specification.
var taken = []int{http.StatusCreated, http.StatusOK, http.StatusAccepted, http.StatusNoContent}

// body is what an upload sends. It is opened again when a request has to be sent again.
type body struct {
	open   func() (io.ReadCloser, error)
	length int64 // bytes
}

// openUpload opens an upload of a blob, and gives where its bytes are to be sent.
func (c *Client) openUpload(ctx context.Context, to image.Reference) (*url.URL, error) {
	return c.post(ctx, to, call{what: "blobs/uploads/", accept: []int{http.StatusAccepted}}, "")
}

// post asks for an upload, and gives where the bytes of the blob are to be sent: nil where the answer is 201, by which a
// registry says that it has them.
func (c *Client) post(ctx context.Context, to image.Reference, ask call, digest string) (*url.URL, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	ask.method, ask.push = http.MethodPost, true
	answer, err := c.do(ctx, to, ask)
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusCreated {
		return nil, checkStored(to, answer, digest)
	}
	at, err := place(answer)
	if err != nil {
		return nil, failure(to, err)
	}
	return at, nil
}

// upload has a blob sent to where an upload was opened, or opens one where at is nil. Where the registry fails in a way
// that may pass, it is begun anew, in another upload: registries do not agree on what becomes of half of one.
func (c *Client) upload(ctx context.Context, to image.Reference, at *url.URL, send func(at *url.URL) error) error {
	longest := firstWait
	for tries := 0; ; tries++ {
		err := c.tryUpload(ctx, to, at, send)
		if err == nil || tries == moreTries || !mayPass(err) || !isOf(to, err) || c.wait(ctx, longest) != nil {
			return err
		}
		at, longest = nil, 2*longest
	}
}

// isOf tells whether an error is of asking for a reference, and not for another that was to be copied from.
func isOf(ref image.Reference, err error) bool {
	var known *Error
	return errors.As(err, &known) && known.Reference == ref.Familiar()
}

func (c *Client) tryUpload(ctx context.Context, to image.Reference, at *url.URL, send func(at *url.URL) error) error {
	if at == nil {
		var err error
		if at, err = c.openUpload(ctx, to); err != nil {
			return err
		}
	}
	return send(at)
}

// finishUpload sends a blob in one piece to where its upload was opened.
func (c *Client) finishUpload(ctx context.Context, to image.Reference, at *url.URL, digest string, b body) error {
	whole, query := *at, at.Query()
	query.Set("digest", digest)
	whole.RawQuery = query.Encode()
	return c.put(ctx, to, digest, "application/octet-stream", b, call{at: &whole})
}

// put stores a blob or a manifest, and checks what the registry says of its digest.
func (c *Client) put(ctx context.Context, to image.Reference, digest, mediaType string, b body, ask call) error {
	ask.method, ask.push, ask.accept = http.MethodPut, true, taken
	ask.header = http.Header{"Content-Type": {mediaType}}
	ask.body, ask.length = b.open, b.length
	answer, err := c.do(ctx, to, ask)
	if err != nil {
		return err
	}
	answer.Body.Close()
	return checkStored(to, answer, digest)
}

// place is where an answer's Location leads. It has to be on the host that was asked, since that is where the credentials
// belong that go there: no registry is known to send uploads elsewhere, but one that is not to be trusted could. Only the
// scheme may differ, and stays the one that was asked with: behind a proxy that ends TLS, registries often take
// themselves for ones of plain HTTP.
func place(answer *http.Response) (*url.URL, error) {
	way := hops(answer.Request)
	asked, location := way[len(way)-1], answer.Header.Get("Location")
	at, err := answer.Request.URL.Parse(location)
	if err != nil || location == "" {
		return nil, badContent("it opened an upload without saying where: its Location is missing, or not a URL")
	}
	at = &url.URL{Scheme: asked.Scheme, Host: at.Host, Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}
	if origin(at) != origin(asked) {
		return nil, badContent("it wants the upload sent to the host %q in place of %s, and credentials do not go there; "+
			"check what the registry's configuration says of its own address", clean(at.Host), asked.Host)
	}
	at.Host = asked.Host
	return at, nil
}

// checkStored looks at the digest under which a registry says that it stored something; it need not say.
func checkStored(to image.Reference, answer *http.Response, wanted string) error {
	found := answer.Header.Get("Docker-Content-Digest")
	if found == "" || found == wanted {
		return nil
	}
	return failure(to, badContent("it stored %s under another digest, %q; the registry is broken", wanted, clean(found)))
}

// has tells whether the repository has a blob.
func (c *Client) has(ctx context.Context, ref image.Reference, wanted string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, err := c.do(ctx, ref, call{method: http.MethodHead, what: "blobs/" + wanted, push: true})
	if KindOf(err) == NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	answer.Body.Close()
	return true, nil
}
