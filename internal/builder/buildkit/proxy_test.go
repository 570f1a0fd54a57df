//go:build integration

package buildkit_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// proxy stands between a client and the daemon, so that their connection can be cut.
type proxy struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// newProxy listens on loopback, without TLS.
func newProxy(t *testing.T) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return runProxy(t, listener, dialDaemon(t))
}

// daemon is where BuildKit listens, in the terms of package net.
func daemon(t *testing.T) (network, address string) {
	t.Helper()
	u, err := url.Parse(env(t, "BUILDKIT_HOST"))
	must(t, err)
	return u.Scheme, u.Host + u.Path
}

func runProxy(t *testing.T, listener net.Listener, dial func() (net.Conn, error)) *proxy {
	t.Helper()
	p := &proxy{Listener: listener}
	t.Cleanup(p.cut)
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			go p.join(in, dial)
		}
	}()
	return p
}

func (p *proxy) join(in net.Conn, dial func() (net.Conn, error)) {
	out, err := dial()
	if err != nil {
		in.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, in, out)
	p.mu.Unlock()
	go io.Copy(in, out)
	_, _ = io.Copy(out, in)
}

// cut ends every connection and takes no other.
func (p *proxy) cut() {
	p.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

func (p *proxy) address() string { return "tcp://" + p.Addr().String() }

// dialDaemon speaks to the daemon as the environment says.
func dialDaemon(t *testing.T) func() (net.Conn, error) {
	t.Helper()
	network, address := daemon(t)
	dir := os.Getenv("BUILDKIT_TLS_DIR")
	if dir == "" {
		return func() (net.Conn, error) { return net.Dial(network, address) }
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	must(t, err)
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	config := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}}
	return func() (net.Conn, error) { return tls.Dial(network, address, config) }
}
