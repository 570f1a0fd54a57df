// Package gitserver is the part of the tests' vocabulary that serves real Git repositories over HTTP, at an address
// that builds reach.
package gitserver

import (
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/respin-dev/respin/test/serve"
)

// Repository is a Git repository that is served for the time of a test.
type Repository struct {
	// URL is what a build context begins with.
	URL string
	dir string
	t   testing.TB
}

// New makes an empty repository whose branch is main.
func New(t testing.TB) *Repository {
	t.Helper()
	root := t.TempDir()
	path, err := exec.LookPath("git")
	if err != nil {
		t.Fatalf("git is needed to serve a repository: %v", err)
	}
	url := serve.Handler(t, &cgi.Handler{
		Path: path, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	})
	r := &Repository{URL: "http://" + url + "/app.git", dir: filepath.Join(root, "app.git"), t: t}
	r.git(root, "init", "--quiet", "--initial-branch=main", r.dir)
	return r
}

// Commit writes files on a branch and commits them. A branch that does not exist begins where the last commit is.
func (r *Repository) Commit(branch string, files map[string]string) {
	r.t.Helper()
	r.git(r.dir, "symbolic-ref", "HEAD", "refs/heads/"+branch)
	for path, text := range files {
		full := filepath.Join(r.dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git(r.dir, "add", "--all")
	r.git(r.dir, "commit", "--quiet", "--message=change")
}

func (r *Repository) git(dir string, args ...string) {
	r.t.Helper()
	args = append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)
	command := exec.CommandContext(r.t.Context(), "git", args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
