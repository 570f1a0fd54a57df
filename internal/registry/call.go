package registry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/respin-dev/respin/internal/image"
)

// call is one request to a repository.
type call struct {
	method string
	what   string   // manifests/…, blobs/…: relative to the repository, with a query if it has one
	at     *url.URL // instead of what: the Location that the registry gave for an upload
	header http.Header
	body   func() (io.ReadCloser, error) // nil for none; called again for each try
	length int64                         // of the body, in bytes
	push   bool                          // needs the right to push to the repository
	from   string                        // whole repository (registry included) that a mount takes from
	accept []int                         // status codes that are answers, 200 by default; any other is an error
}

// do makes a call to the repository of a reference. The caller closes the answer's body, and has to bound what it reads
// of it.
func (c *Client) do(ctx context.Context, ref image.Reference, r call) (*http.Response, error) {
	if parsed, err := image.ParseReference(ref.String()); err != nil || parsed != ref {
		return nil, fmt.Errorf("asking a registry: %q was not made by ParseReference", ref)
	}
	s, err := c.session(ctx, ref)
	if err != nil {
		return nil, failure(ref, err)
	}
	answer, err := s.do(ctx, r)
	if err != nil {
		err = failure(ref, err)
		// How to log in may have changed.
		if KindOf(err) == Denied {
			c.sessions.forget(c.key("session", ref, ""))
		}
		return nil, err
	}
	return answer, nil
}

// do sends a call and judges its answer's status.
func (s *session) do(ctx context.Context, r call) (*http.Response, error) {
	req, err := r.request(ctx, s.base)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	if err := transport.CheckError(answer, r.answers()...); err != nil {
		answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

func (r call) answers() []int {
	if r.accept == nil {
		return []int{http.StatusOK}
	}
	return r.accept
}

// request makes the call's request, with a body that can be read again.
func (r call) request(ctx context.Context, base url.URL) (*http.Request, error) {
	at := r.at
	if at == nil {
		relative, err := url.Parse("./" + r.what)
		if err != nil {
			return nil, err
		}
		at = base.JoinPath("/").ResolveReference(relative)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, at.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if r.header != nil {
		req.Header = r.header.Clone()
	}
	if r.body != nil {
		req.GetBody, req.ContentLength = r.body, r.length
		req.Body, err = r.body()
	}
	return req, err
}
