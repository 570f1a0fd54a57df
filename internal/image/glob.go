package image

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// MatchRepository reports whether a glob fits a repository, registry included and without tag or digest. A star stops
// at a slash, two stars alone between slashes do not. Docker Hub's repositories are also tried in the form that people
// write, so that nginx and docker.io/library/nginx both fit nginx. The error is ValidatePattern's.
func MatchRepository(pattern, repository string) (bool, error) {
	if err := ValidatePattern(pattern); err != nil {
		return false, err
	}
	return doublestar.MatchUnvalidated(pattern, repository) ||
		doublestar.MatchUnvalidated(pattern, familiarRepository(repository)), nil
}

// ValidatePattern says what is wrong with a glob over repositories. Alternatives in braces are not taken: a pattern
// with many of them would take longer to match than anyone waits.
func ValidatePattern(pattern string) error {
	switch {
	case pattern == "" || len(pattern) > maxReference:
		return fmt.Errorf("a pattern has 1 to %d characters; write for example registry.example.com/payments/*", maxReference)
	case strings.ContainsAny(pattern, "{}"):
		return fmt.Errorf("pattern %q: braces are not supported; write one rule for each alternative", pattern)
	case strings.Contains(pattern, "://") || strings.Contains(pattern, "@"):
		return fmt.Errorf("pattern %q: it is matched against repositories, which have no scheme and no digest", pattern)
	case !doublestar.ValidatePattern(pattern):
		return fmt.Errorf("pattern %q is not a valid glob; write for example registry.example.com/payments/*", pattern)
	}
	return nil
}
