package registry

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
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

// newTransport is what every request goes through, those for tokens and after redirects included.
//
// There is no proxy, not even one that the environment names: a proxy resolves names for us, and the check of the
// addresses would be void.
func newTransport(o Options) http.RoundTripper {
	plain := newHosts(o.PlainHTTP)
	inner := &http.Transport{
		DialContext:            newDialer(plain, newHosts(o.Internal)).dial,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  o.Timeout,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        16,
		MaxResponseHeaderBytes: 256 << 10,
		// Sizes and digests are those of the bytes as they are sent.
		DisableCompression: true,
		ForceAttemptHTTP2:  true,
	}
	pauses := &pauses{now: o.Now, until: newMemory[time.Time](keptPauses)}
	return transport.NewUserAgent(&guard{inner: inner, plain: plain, pauses: pauses}, o.UserAgent)
}

// guard decides for each single request whether it goes out, and how.
type guard struct {
	inner  http.RoundTripper
	plain  hosts
	pauses *pauses
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
	scheme := "https"
	if g.plain.lists(req.URL.Host) {
		scheme = "http"
	}
	// The library tries both schemes where a name looks local; here the list alone decides.
	if scheme == "https" && req.URL.Scheme != scheme {
		return nil, &schemeError{host: req.URL.Host}
	}
	if err := checkRedirect(req, scheme); err != nil {
		return nil, err
	}
	if err := g.pauses.check(req.URL.Host); err != nil {
		return nil, err
	}
	if req.URL.Scheme != scheme {
		req = req.Clone(req.Context())
		req.URL.Scheme = scheme
	}
	return req, nil
}

// checkRedirect judges a request that a redirect led to; net/http gives it the answer that redirected it.
func checkRedirect(req *http.Request, scheme string) error {
	redirects := 0
	for from := req.Response; from != nil && from.Request != nil; from = from.Request.Response {
		if from.Request.URL.Scheme == "https" && scheme == "http" {
			return &schemeError{host: req.URL.Host}
		}
		if redirects++; redirects > maxRedirects {
			return errRedirects
		}
	}
	return nil
}
