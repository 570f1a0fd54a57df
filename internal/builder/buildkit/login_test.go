package buildkit

import (
	"testing"

	"github.com/moby/buildkit/session/auth"

	"github.com/respin-dev/respin/internal/builder"
)

func TestLogsInToARegistryWithWhatIsForIt(t *testing.T) {
	for sentence, c := range map[string]struct {
		has  map[string]string // passwords by repository or host
		host string
		want string
	}{
		"the output's registry, with the output's": {
			map[string]string{"r.example.com/team/app": "output", "r.example.com": "host", "r.example.com/base": "base"}, "r.example.com", "output",
		},
		"the output's registry, without one of the output": {
			map[string]string{"r.example.com": "host", "r.example.com/base": "base"}, "r.example.com", "base",
		},
		"the output's registry, with one for the whole of it": {
			map[string]string{"r.example.com": "host"}, "r.example.com", "host",
		},
		"another registry, with one for the whole of it": {
			map[string]string{"other.example.com:5000": "other", "r.example.com": "host"}, "other.example.com:5000", "other",
		},
		"another registry, with one for a part of it": {
			map[string]string{"other.example.com/team": "other"}, "other.example.com", "",
		},
		"another port of the output's host": {
			map[string]string{"r.example.com/team/app": "output", "r.example.com": "host"}, "r.example.com:5000", "",
		},
		"a host whose name begins like the output's": {
			map[string]string{"r.example.com/team/app": "output"}, "r.example.co", "",
		},
		"a host in capital letters": {map[string]string{"r.example.com/team/app": "output"}, "R.Example.com", "output"},
		"Docker Hub, where it is":   {map[string]string{"docker.io": "hub"}, "registry-1.docker.io", "hub"},
		"Docker Hub, by its name":   {map[string]string{"docker.io": "hub"}, "index.docker.io", "hub"},
		"a registry without any":    {nil, "r.example.com", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			req := goodRequest()
			req.Output = "r.example.com/team/app:1"
			req.Credentials = func(repository string) (string, string) { return "for " + repository, c.has[repository] }
			got, err := attached(t, req, "r.example.com/base").Credentials(t.Context(), &auth.CredentialsRequest{Host: c.host})
			if err != nil || got.Secret != c.want || (c.want == "") != (got.Username == "") {
				t.Errorf("got %q for %q and %v, want %q", got.Secret, got.Username, err, c.want)
			}
		})
	}
}

func attached(t *testing.T, req builder.Request, baseRepository string) *login {
	t.Helper()
	req.Base.Reference = baseRepository + ":12"
	s, err := newSolve(req)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.opt.Session) != 1 {
		t.Fatalf("the session answers for %d things, want one", len(s.opt.Session))
	}
	return s.login
}

func TestAnIdentityTokenNeedsNoUsername(t *testing.T) {
	req := goodRequest()
	req.Credentials = func(string) (string, string) { return "", "identity" }
	got, err := attached(t, req, "r.example.com/base").Credentials(t.Context(), &auth.CredentialsRequest{Host: "r.example.com"})
	if err != nil || got.Username != "" || got.Secret != "identity" {
		t.Errorf("got %v and %v", got, err)
	}
}

func TestHidesWhatARegistryRepeats(t *testing.T) {
	req := goodRequest()
	req.Credentials = func(string) (string, string) { return "me", "hunter2" }
	l := attached(t, req, "r.example.com/base")
	if _, err := l.Credentials(t.Context(), &auth.CredentialsRequest{Host: "r.example.com"}); err != nil {
		t.Fatal(err)
	}
	const said = "403 Forbidden: not with hunter2, nor with Basic bWU6aHVudGVyMg=="
	if got := l.hide(said); got != "403 Forbidden: not with [hidden], nor with Basic [hidden]" {
		t.Errorf("got %q", got)
	}
}
