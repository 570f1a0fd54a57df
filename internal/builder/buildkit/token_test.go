//go:build integration

package buildkit_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Public registries hand a token to whoever asks, and want it back: no credentials, but no silence either.
func TestReadsAndPushesWithAnAnonymousToken(t *testing.T) {
	server := serveAt(t, "127.0.0.1", askingForToken(registry.New(registry.Logger(log.New(io.Discard, "", 0)))))
	host := strings.TrimPrefix(server.URL, "http://")
	moved := moveBase(t)
	reference := host + "/some/base:12"
	must(t, remote.WriteIndex(parse(t, reference), readIndex(t, moved.pinned())))
	moved.reference = reference

	req := onBase("FROM "+reference+"\n", moved, host+"/some/app:1")
	if _, err := builderOn(t, ownDaemon(t)).Build(t.Context(), req, nil); err != nil {
		t.Error(err)
	}
}

func askingForToken(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			fmt.Fprint(w, `{"token": "anonymous", "expires_in": 300}`)
		case r.Header.Get("Authorization") == "Bearer anonymous":
			inner.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, r.Host))
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}
