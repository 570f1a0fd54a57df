package authregistry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Transport trusts the registry's authority, and no other.
func (r *Registry) Transport() *http.Transport {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(r.CA)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
}

// As are the options of go-containerregistry's client for somebody who has an account.
func (r *Registry) As(account string) []remote.Option {
	r.t.Helper()
	a := r.Account(account)
	return []remote.Option{r.Anonymous(), remote.WithAuth(&authn.Basic{Username: a.Name, Password: a.Password})}
}

// Anonymous is the option of go-containerregistry's client for somebody who has none.
func (r *Registry) Anonymous() remote.Option {
	transport := r.Transport()
	transport.DialContext = r.dial
	r.t.Cleanup(transport.CloseIdleConnections)
	return remote.WithTransport(realmByName{transport})
}

// realmByName says a token server's name in place of its address: go-containerregistry's client takes no internal
// address for one.
type realmByName struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (n realmByName) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := n.RoundTripper.RoundTrip(request)
	if err == nil {
		for i, challenge := range response.Header["Www-Authenticate"] {
			host, _, _ := net.SplitHostPort(request.URL.Host)
			response.Header["Www-Authenticate"][i] = strings.Replace(challenge, "//"+host+":", "//"+localName+":", 1)
		}
	}
	return response, err
}

// dial finds the name at the registry's own address.
func (r *Registry) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil && host == localName {
		own, _, _ := net.SplitHostPort(r.Host)
		address = net.JoinHostPort(own, port)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// DockerConfig is what a Secret of type kubernetes.io/dockerconfigjson holds for an account, under .dockerconfigjson.
func (r *Registry) DockerConfig(account string) []byte {
	r.t.Helper()
	a := r.Account(account)
	content, err := json.Marshal(map[string]any{"auths": map[string]any{
		r.Host: map[string]string{"username": a.Name, "password": a.Password},
	}})
	must(r.t, err)
	return content
}
