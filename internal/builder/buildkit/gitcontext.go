package buildkit

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/respin-dev/respin/internal/builder"
)

var (
	fullCommit = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	revision   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./+@=-]*$`)
)

const contextForm = "write https://host/repository.git#revision:folder"

// gitContext is a build context taken apart.
type gitContext struct {
	remote   string // URL of the repository
	revision string // branch, tag, commit, or empty for the default branch
	folder   string // relative to the repository's root; empty for the root
}

func (g gitContext) String() string {
	s := g.remote
	if g.revision != "" || g.folder != "" {
		s += "#" + g.revision
	}
	if g.folder != "" {
		s += ":" + g.folder
	}
	return s
}

func (g gitContext) pinned() bool { return fullCommit.MatchString(g.revision) }

// parseGitContext takes only what a builder may fetch on behalf of anyone: a Git repository over HTTP, without
// credentials. BuildKit would take much more, such as SSH, other protocols, tarballs and queries.
func parseGitContext(s string) (gitContext, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return gitContext{}, contextError(s, "only Git repositories over HTTP are taken: "+contextForm)
	}
	if reason := refuseURL(u); reason != "" {
		return gitContext{}, contextError(s, reason)
	}
	revision, folder, _ := strings.Cut(u.Fragment, ":")
	if reason := refuseFragment(revision, folder); reason != "" {
		return gitContext{}, contextError(s, reason)
	}
	u.Fragment, u.RawFragment = "", ""
	folder = strings.TrimPrefix(path.Clean("/"+folder), "/")
	return gitContext{remote: u.String(), revision: revision, folder: folder}, nil
}

func refuseURL(u *url.URL) string {
	switch {
	case u.User != nil:
		return "credentials in the address would end up in logs and in the image: leave them out"
	case u.RawQuery != "" || u.ForceQuery:
		return "a query is not taken: " + contextForm
	case !strings.HasSuffix(u.Path, ".git"):
		return "the repository's address must end in .git: " + contextForm
	}
	return ""
}

func refuseFragment(rev, folder string) string {
	switch {
	case rev != "" && (!revision.MatchString(rev) || strings.Contains(rev, "..")):
		return "the revision is not a branch, tag or commit: " + contextForm
	case strings.ContainsAny(folder, "\x00\n\r") || slices.Contains(strings.Split(folder, "/"), ".."):
		return "the folder must lie within the repository: " + contextForm
	}
	return ""
}

func contextError(s, reason string) *builder.ContextError {
	return &builder.ContextError{Context: withoutCredentials(s), Reason: reason}
}

// withoutCredentials also serves addresses that do not parse, so it cuts rather than parses.
func withoutCredentials(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s[strings.LastIndex(s, "@")+1:]
	}
	authority, tail, _ := strings.Cut(rest, "/")
	return scheme + "://" + authority[strings.LastIndex(authority, "@")+1:] + "/" + tail
}
