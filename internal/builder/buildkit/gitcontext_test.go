package buildkit

import (
	"errors"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

var commit = strings.Repeat("0123456789", 4)

func TestReadsGitContexts(t *testing.T) {
	const repo = "https://git.example.com/team/repo.git"
	for given, want := range map[string]gitContext{
		repo:                              {remote: repo},
		repo + "#main":                    {remote: repo, revision: "main"},
		repo + "#main:api/v1":             {remote: repo, revision: "main", folder: "api/v1"},
		repo + "#:api":                    {remote: repo, folder: "api"},
		repo + "#team/topic-1:./api/":     {remote: repo, revision: "team/topic-1", folder: "api"},
		repo + "#" + commit + ":/":        {remote: repo, revision: commit},
		"http://10.0.0.1:8080/r.git#v1.0": {remote: "http://10.0.0.1:8080/r.git", revision: "v1.0"},
	} {
		got, err := parseGitContext(given)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", given, got, err, want)
		}
	}
}

func TestRefusesContextsWithoutRepeatingTheirCredentials(t *testing.T) {
	for name, given := range map[string]string{
		"SSH":                     "ssh://git:secret@git.example.com/repo.git",
		"SSH, short":              "git:secret@git.example.com:team/repo.git",
		"Git's own protocol":      "git://git.example.com/repo.git",
		"a local path":            "/var/lib/repo.git",
		"a relative path":         "./repo.git",
		"a file":                  "file:///var/lib/repo.git",
		"an archive":              "https://git.example.com/context.tar.gz",
		"a name and a password":   "https://user:secret@git.example.com/repo.git",
		"a token":                 "https://secret@git.example.com/repo.git",
		"a query":                 "https://git.example.com/repo.git?ref=main",
		"no host":                 "https:///repo.git",
		"an option for a branch":  "https://git.example.com/repo.git#--upload-pack=touch",
		"a range for a branch":    "https://git.example.com/repo.git#a..b",
		"a branch with a blank":   "https://git.example.com/repo.git#a%20b",
		"a folder out of it":      "https://git.example.com/repo.git#main:../../etc",
		"a folder with a newline": "https://git.example.com/repo.git#main:a%0Ab",
	} {
		_, err := parseGitContext(given)
		var wrong *builder.ContextError
		if !errors.As(err, &wrong) || wrong.Temporary || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPinLeavesAloneWhatNeedsNoDaemon(t *testing.T) {
	b, err := New(Options{Address: "tcp://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{"", "https://git.example.com/repo.git#" + commit + ":api"} {
		if got, err := b.Pin(t.Context(), given); err != nil || got != given {
			t.Errorf("%q became %q (%v)", given, got, err)
		}
	}
}

func TestTellsWhatAGitServerMeant(t *testing.T) {
	for text, want := range map[string]struct {
		reason    string
		temporary bool
	}{
		"repository does not contain ref nowhere, output: \"\"":                                      {"no such revision", false},
		"git stderr:\nfatal: remote error: upload-pack: not our ref 1111":                            {"no such revision", false},
		"failed to open subdir nowhere: openat nowhere: no such file or directory":                   {"no such folder", false},
		"fatal: could not read Username for 'https://git.example.com': terminal prompts disabled":    {"credentials", false},
		"fatal: repository 'https://git.example.com/x.git/' not found":                               {"no Git repository", false},
		"fatal: unable to access 'https://x/': Could not resolve host: x":                            {"does not answer", true},
		"fatal: unable to access 'https://x/': The requested URL returned error: 503":                {"does not answer", true},
		"something that nobody has seen yet":                                                         {"something", false},
		"something that nobody has seen yet: dial tcp 10.0.0.1:443: connect: connection timed out":   {"does not answer", true},
		"something that nobody has seen yet: dial tcp 10.0.0.1:443: connect: network is unreachable": {"something", true},
	} {
		got := gitError("https://git.example.com/x.git", text)
		if !strings.Contains(got.Reason, want.reason) || got.Temporary != want.temporary {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
