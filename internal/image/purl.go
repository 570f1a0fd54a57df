package image

import (
	"net/url"
	"strings"
)

// parsePURL reads a package URL of an image, in the forms that BuildKit writes (its util/purl) and in those of the
// package URL specification:
//
//	pkg:docker/debian@12?platform=linux%2Famd64
//	pkg:docker/registry.example.com:5000/base/debian@12?digest=sha256:…&platform=linux%2Farm%2Fv7
//	pkg:docker/debian?digest=sha256:…
//	pkg:docker/base/debian@12?repository_url=registry.example.com
//	pkg:oci/debian@sha256%3A…?repository_url=registry.example.com/base/debian&tag=12
//	pkg:oci/debian?digest=sha256:…
//
// The last is an OCI layout on the builder's disk, which has no name in any registry: its Reference is the zero value,
// and so is that of an image whose name cannot be read. Digest is the one that the URL has, if any. It is not ok for
// anything else, nor for blobs and Git bundles (ref_type).
func parsePURL(s string) (m Material, ok bool) {
	scheme, rest, _ := strings.Cut(s, ":")
	kind, path, _ := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	kind = strings.ToLower(kind)
	if !strings.EqualFold(scheme, "pkg") || kind != "docker" && kind != "oci" {
		return Material{}, false
	}
	if len(s) > 2*maxReference {
		return Material{}, true
	}
	path, _, _ = strings.Cut(path, "#")
	path, query, _ := strings.Cut(path, "?")
	qualifiers, err := url.ParseQuery(query)
	if err != nil || qualifiers.Get("ref_type") != "" {
		return Material{}, err != nil
	}
	return purlImage(kind, path, qualifiers), true
}

// purlImage reads a package URL's parts.
func purlImage(kind, path string, qualifiers url.Values) Material {
	var m Material
	m.Platform, _ = ParsePlatform(qualifiers.Get("platform"))
	name, tag, digest, ok := purlName(path, qualifiers)
	if !ok {
		return m
	}
	if ValidDigest(digest) {
		m.Digest = digest
	}
	at := qualifiers.Get("repository_url")
	switch {
	case kind == "docker" && at != "":
		name = at + "/" + name
	case kind == "oci":
		name = at // the repository's whole name; empty for a layout
	}
	if ref, err := ParseReference(spell(name, tag, digest)); err == nil {
		m.Reference = ref
	}
	return m
}

// purlName takes name@version apart. The version is a tag or a digest, either may be a qualifier instead, and the
// separators may be percent-encoded.
func purlName(path string, qualifiers url.Values) (name, tag, digest string, ok bool) {
	name, version, _ := strings.Cut(path, "@")
	name, errName := url.PathUnescape(name)
	version, errVersion := url.PathUnescape(version)
	tag, digest = qualifiers.Get("tag"), qualifiers.Get("digest")
	if strings.Contains(version, ":") {
		digest = version
	} else if version != "" {
		tag = version
	}
	return name, tag, digest, errName == nil && errVersion == nil
}

// spell writes an image reference.
func spell(name, tag, digest string) string {
	if tag != "" {
		name += ":" + tag
	}
	if digest != "" {
		name += "@" + digest
	}
	return name
}
