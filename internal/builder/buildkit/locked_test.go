//go:build integration

package buildkit_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// locked is a registry on loopback that wants credentials, and remembers what it was shown.
type locked struct {
	host, username, password string

	mu    sync.Mutex
	shown []string // Authorization headers and forms, in the order that they came
}

// newLocked has open judge each request that is made to a registry in memory, and answer those that it refuses.
func newLocked(t *testing.T, username, password string, open func(*locked, http.ResponseWriter, *http.Request) bool) *locked {
	t.Helper()
	l := &locked{username: username, password: password}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := serveAt(t, "127.0.0.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.remember(r)
		if open(l, w, r) {
			inner.ServeHTTP(w, r)
		}
	}))
	l.host = strings.TrimPrefix(server.URL, "http://")
	return l
}

func (l *locked) remember(r *http.Request) {
	shown := r.Header.Get("Authorization")
	if encoded, ok := strings.CutPrefix(shown, "Basic "); ok {
		decoded, _ := base64.StdEncoding.DecodeString(encoded)
		shown = string(decoded)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = append(l.shown, shown)
}

// wasShown tells whether a secret reached the registry in any request.
func (l *locked) wasShown(secret string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.shown, func(s string) bool { return strings.Contains(s, secret) })
}

// push puts the moved base there, and tells how it is named there.
func (l *locked) push(t *testing.T, moved movedBase, path string) movedBase {
	t.Helper()
	index := readIndex(t, moved.pinned())
	moved.reference = l.host + "/" + path + ":12"
	must(t, remote.WriteIndex(parse(t, moved.reference), index, l.auth()))
	return moved
}

func (l *locked) auth() remote.Option {
	if l.username == "" {
		return remote.WithAuth(authn.FromConfig(authn.AuthConfig{IdentityToken: l.password}))
	}
	return remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: l.username, Password: l.password}))
}

// byPassword wants the password with every request.
func byPassword(l *locked, w http.ResponseWriter, r *http.Request) bool {
	if username, password, _ := r.BasicAuth(); username == l.username && password == l.password {
		return true
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

// byToken hands a token for the scopes asked for to who has the password or, where there is no username, the identity
// token; and wants one that allows what is done.
func byToken(l *locked, w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path == "/token" {
		l.grant(w, r)
		return false
	}
	scopes, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	need := needed(r)
	if len(scopes) > 0 && allows(string(scopes), need) {
		return true
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test",scope="%s"`, r.Host, need))
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

func (l *locked) grant(w http.ResponseWriter, r *http.Request) {
	username, password, _ := r.BasicAuth()
	granted := l.username != "" && username == l.username && password == l.password
	if r.Method == http.MethodPost {
		granted = l.username == "" && r.FormValue("refresh_token") == l.password
	}
	if !granted {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_ = r.ParseForm()
	token := base64.StdEncoding.EncodeToString([]byte(" " + strings.Join(r.Form["scope"], " ")))
	fmt.Fprintf(w, `{"token": %q, "access_token": %q, "expires_in": 300}`, token, token)
}

// needed is the scope that a request wants, empty for the registry itself.
func needed(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	for _, kind := range []string{"/manifests/", "/blobs/", "/tags/"} {
		if repository, _, ok := strings.Cut(path, kind); ok {
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				return "repository:" + repository + ":pull"
			}
			return "repository:" + repository + ":pull,push"
		}
	}
	return ""
}

func allows(scopes, need string) bool {
	return need == "" || slices.ContainsFunc(strings.Fields(scopes), func(scope string) bool { return strings.HasPrefix(scope, need) })
}

func anyone(*locked, http.ResponseWriter, *http.Request) bool { return true }
