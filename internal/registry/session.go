package registry

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/respin-dev/respin/internal/image"
)

// session is a repository that was logged in to, anonymously. It is kept, since a login costs two requests: one asks
// how, the other gets the token. The library renews the token when the registry asks for that.
type session struct {
	client http.Client
	base   url.URL // …/v2/<path>
}

// session gives the repository's session. Credentials, once there are any, belong here and into its key.
func (c *Client) session(ctx context.Context, ref image.Reference) (*session, error) {
	of := c.key("session", ref, "")
	if s, ok := c.sessions.get(of); ok {
		return s, nil
	}
	return shared(ctx, c, of, func(ctx context.Context) (*session, error) {
		s, err := c.login(ctx, ref)
		if err == nil {
			c.sessions.put(of, s, 1)
		}
		return s, err
	})
}

func (c *Client) login(ctx context.Context, ref image.Reference) (*session, error) {
	// The host is given apart, because the library takes another part of some references for it than we do.
	host, err := name.NewRegistry(ref.Registry(), name.StrictValidation)
	if err != nil {
		return nil, err
	}
	repository := host.Repo(ref.Path())
	tripper, err := transport.NewWithContext(ctx, host, authn.Anonymous, c.transport,
		[]string{repository.Scope(transport.PullScope)})
	if err != nil {
		return nil, err
	}
	base := url.URL{Scheme: "https", Host: host.RegistryStr(), Path: "/v2/" + ref.Path()}
	return &session{client: http.Client{Transport: tripper}, base: base}, nil
}

// manifestTypes are the media types of what may stand behind a reference.
var manifestTypes = strings.Join([]string{typeOCIIndex, typeOCIManifest, typeDockerList, typeDockerManifest}, ", ")

// request asks the repository of a reference for one thing, manifests/… or blobs/….
func (c *Client) request(ctx context.Context, ref image.Reference, method, what string) (*http.Response, error) {
	return c.do(ctx, ref, call{method: method, what: what, header: http.Header{"Accept": {manifestTypes}}})
}
