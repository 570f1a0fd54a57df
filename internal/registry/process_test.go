//go:build integration

package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newReal is the CNCF's registry behind a fake, which passes on to it what no fault keeps back. It stores in the test's
// folder, listens on a socket there, and ends with the test.
func newReal(t *testing.T) *fake {
	t.Helper()
	program := filepath.Join(os.Getenv("CLUSTER_BIN"), "registry")
	if _, err := os.Stat(program); err != nil {
		t.Skipf("no registry to start (%v): run \"make cluster-up\" and source .cluster/env", err)
	}
	// Not the test's own folder: its name may be too long for a socket.
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	socket := filepath.Join(folder, "s")
	settings := filepath.Join(folder, "config.yml")
	content := fmt.Sprintf("{version: 0.1, log: {level: error, accesslog: {disabled: true}}, "+
		"storage: {filesystem: {rootdirectory: %s/data}}, http: {net: unix, addr: %s}}", folder, socket)
	if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	command := exec.Command(program, "serve", settings)
	command.Env = []string{"OTEL_TRACES_EXPORTER=none"}
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
	})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	if err := listens(t.Context(), dial, ended); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	inner := &http.Transport{DialContext: dial}
	t.Cleanup(inner.CloseIdleConnections)
	return newFakeOf(t, &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "registry", r.In.Host
		},
		Transport:    inner,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
}

// listens waits until somebody answers, for ten seconds at most.
func listens(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		conn, err := dial(ctx, "", "")
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("the registry ended: %w", err)
		case <-ctx.Done():
			return errors.New("the registry does not listen")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// newFakeOf serves contents that are not the library's.
func newFakeOf(t *testing.T, contents http.Handler) *fake {
	f := &fake{t: t, contents: contents}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.host = strings.TrimPrefix(f.URL, "http://")
	return f
}
