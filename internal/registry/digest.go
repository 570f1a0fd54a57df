package registry

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

// Resolved is where a tag stood.
type Resolved struct {
	// Digest is of the index, or of the manifest where there is no index.
	Digest string
	// CheckedAt is when the registry was asked.
	CheckedAt time.Time
}

// answer is what came of asking; an error is as good an answer as any.
type answer struct {
	Resolved
	err error
}

// Digest tells where a reference's tag stands; whatever digest the reference has is not looked at, unless it has no
// tag. The answer, an error too, is shared by all who ask: one that was got at notBefore or later costs no request, any
// other costs one. A caller's notBefore is its interval ago, or the moment at which a person asked for a check. No answer
// is older than our own last push of the tag.
func (c *Client) Digest(ctx context.Context, ref image.Reference, notBefore time.Time) (Resolved, error) {
	if ref.Tag != "" {
		ref = ref.WithDigest("")
	}
	of, notBefore := c.key("digest", ref, ref.Tag+"@"+ref.Digest), c.sinceMoved(ref, notBefore)
	if known, ok := c.answers.get(of); ok && !known.CheckedAt.Before(notBefore) {
		return known.Resolved, known.err
	}
	var got answer
	// The first may have been on its way since before notBefore; the second cannot have been.
	for range 2 {
		var err error
		if got, err = shared(ctx, c, of, c.asking(ref, of)); err != nil {
			return Resolved{}, err
		}
		if !got.CheckedAt.Before(notBefore) {
			break
		}
	}
	return got.Resolved, got.err
}

// asking asks where the reference stands, and keeps the answer.
func (c *Client) asking(ref image.Reference, of key) func(context.Context) (answer, error) {
	return func(ctx context.Context) (answer, error) {
		got := answer{Resolved: Resolved{CheckedAt: c.now()}}
		got.Digest, got.err = c.ask(ctx, ref)
		c.answers.put(of, got, 1)
		return got, nil
	}
}

// Find tells whether a reference is there, and at which digest. It is never answered from memory: it is for looking
// whether one's own push of a moment ago has arrived.
func (c *Client) Find(ctx context.Context, ref image.Reference) (digest string, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	digest, err = c.atOrigin().ask(ctx, ref)
	if KindOf(err) == NotFound {
		return "", false, nil
	}
	return digest, err == nil, err
}

// ask asks with HEAD, and with GET where the registry's answer to that has no digest in it.
func (c *Client) ask(ctx context.Context, ref image.Reference) (string, error) {
	what := manifestPath(ref)
	head, err := c.request(ctx, ref, http.MethodHead, what)
	if err == nil {
		head.Body.Close()
		if found := head.Header.Get("Docker-Content-Digest"); image.ValidDigest(found) {
			return found, nil
		}
	} else if !noHead(err) {
		return "", err
	}
	raw, err := c.read(ctx, ref, what, ref.Digest, maxManifest)
	if err != nil {
		return "", err
	}
	if _, err := parseDocument(raw); err != nil {
		return "", failure(ref, err)
	}
	return digest.FromBytes(raw).String(), nil
}

// manifestPath is where a reference's manifest is, by its tag if it has one.
func manifestPath(ref image.Reference) string {
	if ref.Tag == "" {
		return "manifests/" + ref.Digest
	}
	return "manifests/" + ref.Tag
}

// noHead reports whether a registry has no answer to HEAD requests at all.
func noHead(err error) bool {
	var answered *transport.Error
	return errors.As(err, &answered) &&
		(answered.StatusCode == http.StatusMethodNotAllowed || answered.StatusCode == http.StatusNotImplemented)
}
