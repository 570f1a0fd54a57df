package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const maxRedirects = 5

var errRedirects = errors.New("redirected more often than anyone needs")

// schemeError says that a request would have gone out in plain HTTP.
type schemeError struct {
	host string
}

func (e *schemeError) Error() string {
	return fmt.Sprintf("%s would have to be asked in plain HTTP", e.host)
}

// newTransport is what every request goes through, those for tokens and after redirects included. Without roots it
// trusts the system's.
//
// There is no proxy, not even one that the environment names: a proxy resolves names for us, and the check of the
// addresses would be void.
func (c *core) newTransport(roots *x509.CertPool) http.RoundTripper {
	inner := &http.Transport{
		DialContext:            newDialer(c.lists.plain, c.lists.internal).dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  c.timeout,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        16,
		MaxResponseHeaderBytes: 256 << 10,
		// Sizes and digests are those of the bytes as they are sent.
		DisableCompression: true,
		ForceAttemptHTTP2:  true,
	}
	return &guard{inner: inner, lists: c.lists, pauses: c.pauses, agent: c.agent}
}

// guard decides for each single request whether it goes out, and how.
type guard struct {
	inner  http.RoundTripper
	lists  lists
	pauses *pauses
	agent  string
}

// RoundTrip is http.RoundTripper's.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	req, err := g.admit(req)
	if err != nil {
		return nil, err
	}
	answer, err := g.inner.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := g.pauses.heed(req.URL.Host, answer); err != nil {
		answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// admit gives the request the scheme that its host is listed for, and refuses what may not go out.
func (g *guard) admit(req *http.Request) (*http.Request, error) {
	if err := g.checkRedirect(req); err != nil {
		return nil, err
	}
	scheme := g.lists.scheme(req.URL.Host)
	if scheme == "https" && req.URL.Scheme != scheme {
		return nil, &schemeError{host: req.URL.Host}
	}
	if err := g.pauses.check(req.URL.Host); err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.URL.Scheme = scheme
	req.Header.Set("User-Agent", g.agent)
	// A URL may hold a signature, which is nothing for the host that it redirects to.
	req.Header.Del("Referer")
	return req, nil
}

// checkRedirect judges a request that a redirect led to; net/http gives it the answer that redirected it.
func (g *guard) checkRedirect(req *http.Request) error {
	if req.Response == nil || req.Response.Request == nil {
		return nil
	}
	from := req.Response.Request
	if err := g.lists.lead(from.URL, req.URL); err != nil {
		return err
	}
	if from.Method != req.Method {
		return badContent("%s redirects a %s in a way that makes it a %s", from.URL.Host, from.Method, req.Method)
	}
	if len(hops(req)) > maxRedirects+1 {
		return errRedirects
	}
	return nil
}

// hops are the URLs that a request has come by, its own the first.
func hops(req *http.Request) []*url.URL {
	var urls []*url.URL
	for req != nil {
		urls = append(urls, req.URL)
		if req.Response == nil {
			break
		}
		req = req.Response.Request
	}
	return urls
}

// stayed reports whether a request is to an origin, and no other had a part in its way there.
func stayed(req *http.Request, at string) bool {
	for _, u := range hops(req) {
		if origin(u) != at {
			return false
		}
	}
	return true
}

// login proves to one origin who asks, and to no other: net/http would repeat an Authorization header of ours at another
// port of the same host, and at a host below it. So it is not told of one.
type login struct {
	next   http.RoundTripper
	origin string
	header string
}

// RoundTrip is http.RoundTripper's.
func (l *login) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.header != "" && stayed(req, l.origin) {
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", l.header)
	}
	return l.next.RoundTrip(req)
}
