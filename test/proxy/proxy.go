// Package proxy is the part of the tests' vocabulary that stands between the operator and the API server, and ends the
// operator at an exact moment: before a write arrives, or after it was stored and before the operator learns of it.
package proxy

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/respin-dev/respin/test/cluster"
)

// Proxy passes everything on to the API server but at a moment that was chosen.
type Proxy struct {
	// URL is where it listens, on this host's loopback, and Authority the certificate to trust there, as PEM.
	URL       string
	Authority []byte

	onward *httputil.ReverseProxy
	mu     sync.Mutex
	armed  *armed
}

// Moment is a write of the operator at which it is ended.
type Moment struct {
	// At picks the write; the first that it picks counts.
	At func(Write) bool
	// Stored says that the API server stores the write before the operator ends; or else it never sees it.
	Stored bool
}

type armed struct {
	Moment
	kill  func()
	fired chan struct{}
}

// New starts a proxy for the time of a test. It adds no rights: who asks is whom the token in the request says.
func New(t testing.TB) *Proxy {
	t.Helper()
	config := rest.AnonymousClientConfig(cluster.Connect(t).Config)
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{onward: &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1, // watches
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	server := httptest.NewTLSServer(p)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	p.URL = server.URL
	p.Authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return p
}

// Arm has the operator ended by kill at a moment; the channel is closed when that has happened.
func (p *Proxy) Arm(moment Moment, kill func()) (fired <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = &armed{Moment: moment, kill: kill, fired: make(chan struct{})}
	return p.armed.fired
}

// ServeHTTP is http.Handler's.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		p.onward.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if moment := p.reached(Write{Method: r.Method, Path: r.URL.Path, Body: body}); moment != nil {
		p.end(moment, r)
	}
	p.onward.ServeHTTP(w, r)
}

// reached is the armed moment if a write is it; that write is then the only one.
func (p *Proxy) reached(write Write) *armed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.armed == nil || !p.armed.At(write) {
		return nil
	}
	moment := p.armed
	p.armed = nil
	return moment
}

// end ends the operator, and with it the connection: nobody is left to be answered.
func (p *Proxy) end(moment *armed, r *http.Request) {
	if moment.Stored {
		p.onward.ServeHTTP(httptest.NewRecorder(), r)
	}
	moment.kill()
	close(moment.fired)
	panic(http.ErrAbortHandler)
}
