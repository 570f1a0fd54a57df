package image

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/distribution/reference"
)

// maxReference bounds a reference in bytes: a repository of 255, a tag of 128, a digest of 71, and some room.
const maxReference = 512

const referenceForm = "it is not of the form [registry/]repository[:tag][@sha256:digest]; " +
	"write for example registry.example.com/team/app:1.2"

// checkSpelling finds the mistakes that the grammar's own errors would not explain.
func checkSpelling(s string) error {
	_, withoutScheme, hasScheme := strings.Cut(s, "://")
	_, digest, hasDigest := strings.Cut(s, "@")
	switch {
	case s == "":
		return errors.New("the image reference is empty; write for example registry.example.com/team/app:1.2")
	case len(s) > maxReference:
		return badReference(s, fmt.Sprintf("it is longer than %d characters", maxReference))
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return badReference(s, "it holds a space or a control character; remove it")
	case hasScheme:
		return badReference(s, fmt.Sprintf("a reference has no scheme; write %q", withoutScheme))
	case ValidDigest(s):
		return badReference(s, "it is a digest alone; write the repository and an @ before it")
	case hasDigest && !ValidDigest(digest):
		return badReference(s, "its digest is not a sha256 one; write @sha256: and 64 hexadecimal digits in lower case")
	}
	return nil
}

// registryOf is the reference's host in lower case, so that spellings of one host are one host. The grammar takes
// Team/app for the registry "Team"; nobody means that.
func registryOf(s string, named reference.Named) (string, error) {
	host := strings.ToLower(reference.Domain(named))
	if host == "" { // the grammar then takes what looks like a registry for a part of the path
		return "", badReference(s, "its registry is no host name, which has letters, digits, dots and hyphens")
	}
	if host != reference.Domain(named) && !strings.ContainsAny(host, ".:") {
		return "", badReference(s, fmt.Sprintf("a repository has no capital letters; write %q", strings.ToLower(s)))
	}
	return host, nil
}

func explain(s string, err error) error {
	lower := strings.ToLower(s)
	switch {
	case errors.Is(err, reference.ErrNameTooLong):
		return badReference(s, "its repository is longer than 255 characters")
	case lower != s && parses(lower):
		return badReference(s, fmt.Sprintf("a repository has no capital letters; write %q", lower))
	}
	return badReference(s, referenceForm)
}

func parses(s string) bool {
	_, err := reference.ParseNormalizedNamed(s)
	return err == nil
}

func badReference(s, what string) error {
	const shown = 128
	if len(s) > shown {
		s = s[:shown] + "…"
	}
	return fmt.Errorf("image reference %q cannot be read: %s", s, what)
}
