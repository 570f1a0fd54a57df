// Package serve has tests serve HTTP at the address of this host that the cluster reaches.
package serve

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/respin-dev/respin/test/cluster"
)

// Handler serves for the time of a test, and returns host:port.
func Handler(t testing.TB, handler http.Handler) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", net.JoinHostPort(cluster.SkipWithout(t, cluster.HostIP), "0"))
	if err != nil {
		t.Fatalf("listening where the cluster reaches: %v", err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return listener.Addr().String()
}

// Refusing answers everything with a status, as a registry that wants no part of it.
func Refusing(t testing.TB, status int) string {
	t.Helper()
	return Handler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		w.Header().Set("Content-Type", "application/json")
		if status == http.StatusUnauthorized {
			w.Header().Set("Www-Authenticate", `Basic realm="strangers"`)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"errors":[{"code":"DENIED","message":"not for you"}]}`))
	}))
}
