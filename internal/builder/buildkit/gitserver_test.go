//go:build integration

package buildkit_test

import (
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is a real Git repository behind a real Git server, at an address that the builder reaches.
type repository struct {
	dir string
	url string // http://host:port/repo.git
}

func newGitRepository(t *testing.T) repository {
	t.Helper()
	root := t.TempDir()
	server := serveAt(t, env(t, "HOST_IP"), gitHandler(t, root))
	r := repository{dir: filepath.Join(root, "repo.git"), url: server.URL + "/repo.git"}
	r.git(t, root, "init", "--quiet", "--initial-branch=main", r.dir)
	return r
}

func gitHandler(t *testing.T, root string) http.Handler {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatalf("git is needed to serve a repository: %v", err)
	}
	smart := &cgi.Handler{
		Path: git, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/private.git") {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		smart.ServeHTTP(w, r)
	})
}

// commit writes the files and returns the commit's digest.
func (r repository) commit(t *testing.T, files map[string]string) string {
	t.Helper()
	for path, text := range files {
		full := filepath.Join(r.dir, path)
		must(t, os.MkdirAll(filepath.Dir(full), 0o755))
		must(t, os.WriteFile(full, []byte(text), 0o644))
	}
	r.git(t, r.dir, "add", "--all")
	r.git(t, r.dir, "commit", "--quiet", "--message=change")
	return r.git(t, r.dir, "rev-parse", "HEAD")
}

func (r repository) git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	args = append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func serveAt(t *testing.T, host string, handler http.Handler) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	must(t, err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
	return server
}
