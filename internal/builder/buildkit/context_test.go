//go:build integration

package buildkit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

func TestPinsRevisions(t *testing.T) {
	repo := newGitRepository(t)
	first := repo.commit(t, map[string]string{"file": "1"})
	repo.git(t, repo.dir, "tag", "light")
	repo.git(t, repo.dir, "tag", "--annotate", "--message=m", "annotated")
	repo.git(t, repo.dir, "branch", "team/feature")
	second := repo.commit(t, map[string]string{"file": "2"})

	for revision, want := range map[string]string{
		"":                          "#" + second,
		"#main":                     "#" + second,
		"#main:api":                 "#" + second + ":api",
		"#:api":                     "#" + second + ":api",
		"#team/feature":             "#" + first,
		"#refs/heads/team/feature:": "#" + first,
		"#light":                    "#" + first,
		"#annotated:a/b":            "#" + first + ":a/b",
		"#" + first + ":api":        "#" + first + ":api",
	} {
		t.Run(revision, func(t *testing.T) {
			got, err := newBuilder(t).Pin(t.Context(), repo.url+revision)
			if err != nil || got != repo.url+want {
				t.Errorf("got %s and %v, want %s", got, err, repo.url+want)
			}
		})
	}
}

func TestPinsABranchAnewWhenItMoves(t *testing.T) {
	repo, b := newGitRepository(t), newBuilder(t)
	for _, text := range []string{"1", "2"} {
		want := repo.url + "#" + repo.commit(t, map[string]string{"file": text})
		if got, err := b.Pin(t.Context(), repo.url+"#main"); err != nil || got != want {
			t.Errorf("got %s and %v, want %s", got, err, want)
		}
	}
}

func TestSaysWhatIsWrongWithAContext(t *testing.T) {
	repo := newGitRepository(t)
	commit := repo.commit(t, map[string]string{"file": "1"})
	host := strings.TrimSuffix(repo.url, "/repo.git")
	for name, c := range map[string]struct {
		context, says string
		temporary     bool
	}{
		"no such branch":    {repo.url + "#nowhere", "no such revision", false},
		"a short commit":    {repo.url + "#" + commit[:9], "no such revision", false},
		"no such server":    {"http://127.0.0.1:1/repo.git", "does not answer", true},
		"no such project":   {host + "/other.git", "no Git repository", false},
		"a private project": {host + "/private.git", "credentials", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newBuilder(t).Pin(t.Context(), c.context)
			wantContextError(t, err, c.says, c.temporary)
		})
	}
}

func TestSaysThatAPinnedContextIsGone(t *testing.T) {
	repo, moved := newGitRepository(t), moveBase(t)
	commit := repo.commit(t, map[string]string{"Dockerfile": "FROM " + moved.reference})
	for name, c := range map[string]struct {
		context, says string
		temporary     bool
	}{
		"no such commit": {repo.url + "#" + strings.Repeat("1", 40), "no such revision", false},
		"no such folder": {repo.url + "#" + commit + ":nowhere", "no such folder", false},
		"no such server": {"http://127.0.0.1:1/repo.git#" + commit, "does not answer", true},
	} {
		t.Run(name, func(t *testing.T) {
			req := onBase("", moved, output(t))
			req.Context = c.context
			_, err := newBuilder(t).Build(t.Context(), req, nil)
			wantContextError(t, err, c.says, c.temporary)
		})
	}
}

func TestBuildsFromGit(t *testing.T) {
	repo, moved := newGitRepository(t), moveBase(t)
	commit := repo.commit(t, map[string]string{
		"Dockerfile":     "FROM scratch\n",
		"api/Dockerfile": "FROM " + moved.reference + "\nCOPY word /word\n",
		"api/other.df":   "FROM " + moved.reference + "\nCOPY word /other\n",
		"api/word":       "from the repository",
	})
	repo.commit(t, map[string]string{"api/word": "from later"})
	for name, c := range map[string]struct{ dockerfile, inline, file string }{
		"its Dockerfile":          {"", "", "word"},
		"another Dockerfile":      {"other.df", "", "other"},
		"a Dockerfile of our own": {"", "FROM " + moved.reference + "\nCOPY word /inline\n", "inline"},
	} {
		t.Run(name, func(t *testing.T) {
			req := onBase(c.inline, moved, output(t))
			req.Context, req.Dockerfile = repo.url+"#"+commit+":api", c.dockerfile
			mustBuild(t, req)
			if got := readFile(t, child(t, readIndex(t, req.Output), "linux/amd64"), c.file); got != "from the repository" {
				t.Errorf("/%s holds %q", c.file, got)
			}
		})
	}
}

func wantContextError(t *testing.T, err error, says string, temporary bool) {
	t.Helper()
	t.Log(err)
	var wrong *builder.ContextError
	if !errors.As(err, &wrong) || !contains(wrong.Reason, says) || wrong.Temporary != temporary {
		t.Errorf("got %v, want a context error that says %q, temporary: %t", err, says, temporary)
	}
}
