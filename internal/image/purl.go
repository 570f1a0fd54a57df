package image

import (
	"net/url"
	"strings"
)

// parsePURL reads a package URL of the type docker, in the forms that BuildKit writes (its util/purl):
//
//	pkg:docker/debian@12?platform=linux%2Famd64
//	pkg:docker/registry.example.com:5000/base/debian@12?digest=sha256:…&platform=linux%2Farm%2Fv7
//	pkg:docker/debian?digest=sha256:…
//
// It is not ok for anything else, nor where the reference is a blob's or a Git bundle's (ref_type).
func parsePURL(s string) (m Material, ok bool) {
	body, ok := strings.CutPrefix(s, "pkg:docker/")
	if !ok || len(s) > 2*maxReference {
		return Material{}, false
	}
	path, query, _ := strings.Cut(body, "?")
	qualifiers, err := url.ParseQuery(query)
	if err != nil || qualifiers.Get("ref_type") != "" {
		return Material{}, false
	}
	spelled, ok := purlReference(path, qualifiers.Get("digest"))
	if !ok {
		return Material{}, false
	}
	ref, err := ParseReference(spelled)
	if err != nil {
		return Material{}, false
	}
	platform, _ := ParsePlatform(qualifiers.Get("platform"))
	return Material{Reference: ref, Platform: platform}, true
}

// purlReference spells name[@version] and a digest as an image reference. The version is a tag or a digest, and the
// separators may be percent-encoded.
func purlReference(path, digest string) (string, bool) {
	name, version, _ := strings.Cut(path, "@")
	name, errName := url.PathUnescape(name)
	version, errVersion := url.PathUnescape(version)
	if errName != nil || errVersion != nil {
		return "", false
	}
	switch {
	case strings.Contains(version, ":"):
		digest = version
	case version != "":
		name += ":" + version
	}
	if digest != "" {
		name += "@" + digest
	}
	return name, true
}
