//go:build integration

package registry

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/respin-dev/respin/test/authregistry"
)

// newReal is the CNCF's registry behind a fake, which passes on to it what no fault keeps back. It asks nobody who they
// are, and takes the fake's address for its own.
func newReal(t *testing.T) *fake {
	t.Helper()
	real := authregistry.Start(t, authregistry.Options{Login: authregistry.None})
	inner := &http.Transport{}
	t.Cleanup(inner.CloseIdleConnections)
	f := &fake{t: t, contents: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", real.Host, r.In.Host
		},
		Transport:    inner,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.host = strings.TrimPrefix(f.URL, "http://")
	return f
}
