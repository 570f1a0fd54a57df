package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// mirrorRest is for how long a mirror that could not be reached is not tried again: each try may take seconds, and the
// registry has everything that its mirrors have.
const mirrorRest = time.Minute

// mirrorsPart is which part of the time for a reading is the mirrors': a third.
const mirrorsPart = 3

// Check says what of the options cannot be right.
func (o Options) Check() error {
	for host, mirrors := range o.Mirrors {
		if ref, err := image.ParseReference(host + "/a/b"); err != nil || ref.Registry() != host || ref.Path() != "a/b" {
			return fmt.Errorf("%q has mirrors and is not a registry's host: write for example docker.io or "+
				"registry.example.com:5000", host)
		}
		for _, mirror := range mirrors {
			if ref, err := image.ParseReference(mirror + "/a"); err != nil || ref.Repository != mirror+"/a" {
				return fmt.Errorf("%q is not a mirror: write its host, and after it the prefix that it puts before "+
					"repositories if there is one, as in mirror.example.com/docker-hub", mirror)
			}
		}
	}
	return nil
}

// mirrorsOf are the repositories that mirror a reference's, the registries included.
func (c *Client) mirrorsOf(ref image.Reference) []string {
	if c.unmirrored {
		return nil
	}
	var repositories []string
	for _, mirror := range c.mirrors[ref.Registry()] {
		repositories = append(repositories, mirror+"/"+ref.Path())
	}
	return repositories
}

// atOrigin is the client without its mirrors, for what only the registry itself knows.
func (c *Client) atOrigin() *Client {
	direct := *c
	direct.unmirrored = true
	return &direct
}

// readMirrored reads from the mirrors. They get a part of the time only, and one that gives nothing in it, or other
// bytes than it should, rests: the registry itself is asked next, within the same reading.
func (c *Client) readMirrored(
	ctx context.Context, ref image.Reference, what, wanted string, limit int64,
) ([]byte, bool) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout/mirrorsPart)
	defer cancel()
	for range c.mirrorsOf(ref) {
		answer, host := c.mirrored(ctx, ref, reading(http.MethodGet, what))
		if answer == nil {
			return nil, false
		}
		raw, err := checked(ref, answer, what, wanted, limit)
		if err == nil {
			return raw, true
		}
		c.rest(ctx, host)
	}
	return nil, false
}

// rest leaves a mirror alone for a while, unless it failed for a caller who gave up.
func (c *Client) rest(ctx context.Context, host string) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		c.resting.put(key(host), c.now().Add(mirrorRest), 1)
	}
}

// mirrored asks mirrors for what they may answer, and tells the host of the one that did. No answer is no failure: the
// registry itself is asked next.
func (c *Client) mirrored(ctx context.Context, ref image.Reference, r call) (*http.Response, string) {
	if !r.mayBeMirrored(c.mirrorTags) {
		return nil, ""
	}
	for _, repository := range c.mirrorsOf(ref) {
		s := c.session(repository, false)
		if until, ok := c.resting.get(key(s.base.Host)); ok && c.now().Before(until) || ctx.Err() != nil {
			continue
		}
		answer, err := s.send(ctx, r)
		if err == nil {
			return answer, s.base.Host
		}
		if kind, _ := diagnose(s.base.Host, bare(err)); kind == Unreachable {
			c.rest(ctx, s.base.Host)
		}
	}
	return nil, ""
}

// mayBeMirrored reports whether a call reads what a digest names, or a tag where mirrors are asked for those.
func (r call) mayBeMirrored(tags bool) bool {
	if r.push || r.at != nil || r.method != http.MethodGet && r.method != http.MethodHead {
		return false
	}
	kind, name, _ := strings.Cut(r.what, "/")
	return image.ValidDigest(name) && (kind == "blobs" || kind == "manifests") || tags && kind == "manifests"
}
