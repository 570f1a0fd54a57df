package registry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

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
	if answer, _ := c.mirrored(ctx, ref, r); answer != nil {
		return answer, nil
	}
	s := c.session(ref.Repository, r.push)
	answer, err := c.persistent(ctx, r, func() (*http.Response, error) { return s.send(ctx, r) })
	if err != nil {
		return nil, failure(ref, err)
	}
	return answer, nil
}

// manifestTypes are the media types of what may stand behind a reference.
var manifestTypes = strings.Join([]string{typeOCIIndex, typeOCIManifest, typeDockerList, typeDockerManifest}, ", ")

// request asks the repository of a reference for one thing, manifests/… or blobs/….
func (c *Client) request(ctx context.Context, ref image.Reference, method, what string) (*http.Response, error) {
	return c.do(ctx, ref, reading(method, what))
}

func reading(method, what string) call {
	return call{method: method, what: what, header: http.Header{"Accept": {manifestTypes}}}
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
		var err error
		if at, err = url.Parse("./" + r.what); err != nil {
			return nil, err
		}
	}
	at = base.JoinPath("/").ResolveReference(at)
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
