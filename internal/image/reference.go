package image

import (
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// dockerHub is the registry that a reference without one belongs to.
const dockerHub = "docker.io"

// Reference names an image: a repository with a tag, a digest, or both. With both, the digest decides and the tag
// only names. References made by ParseReference are normalised, so that two spellings of one image are equal.
type Reference struct {
	// Repository holds the registry too, as in docker.io/library/debian.
	Repository string
	// Tag is empty only where there is a digest.
	Tag string
	// Digest is sha256:<64 hexadecimal digits>, or empty.
	Digest string
}

// ParseReference reads an image reference as people write them: debian is docker.io/library/debian:latest. A
// reference with a tag and a digest keeps both. The error says what is wrong and what to write instead.
func ParseReference(s string) (Reference, error) {
	if err := checkSpelling(s); err != nil {
		return Reference{}, err
	}
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Reference{}, explain(s, err)
	}
	host, err := registryOf(s, named)
	if err != nil {
		return Reference{}, err
	}
	ref := Reference{Repository: host + "/" + reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		ref.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		ref.Digest = digested.Digest().String()
	}
	if ref.Tag == "" && ref.Digest == "" {
		ref.Tag = "latest"
	}
	return ref, nil
}

// ValidDigest reports whether s is sha256: and 64 hexadecimal digits in lower case.
func ValidDigest(s string) bool {
	d := digest.Digest(s)
	return d.Validate() == nil && d.Algorithm() == digest.SHA256
}

// Registry is the host, with its port if it has one, that the repository is on: docker.io for Docker Hub.
func (r Reference) Registry() string {
	host, _, _ := strings.Cut(r.Repository, "/")
	return host
}

// Path is the repository without its registry, as in library/debian.
func (r Reference) Path() string {
	_, path, _ := strings.Cut(r.Repository, "/")
	return path
}

// String is the whole reference, repository[:tag][@digest].
func (r Reference) String() string {
	return r.Repository + r.suffix()
}

// Familiar is the reference as people write it: without Docker Hub's host and its library/.
func (r Reference) Familiar() string {
	return familiarRepository(r.Repository) + r.suffix()
}

// WithDigest is the reference pinned to a digest; an empty digest unpins it.
func (r Reference) WithDigest(digest string) Reference {
	r.Digest = digest
	return r
}

// SameTag reports whether both name the same tag of the same repository, whatever their digests are.
func (r Reference) SameTag(other Reference) bool {
	return r.Tag != "" && r.WithDigest("") == other.WithDigest("")
}

func (r Reference) suffix() string {
	suffix := ""
	if r.Tag != "" {
		suffix = ":" + r.Tag
	}
	if r.Digest != "" {
		suffix += "@" + r.Digest
	}
	return suffix
}

func familiarRepository(repository string) string {
	path, onHub := strings.CutPrefix(repository, dockerHub+"/")
	if !onHub || looksLikeRegistry(path) {
		return repository
	}
	if official := strings.TrimPrefix(path, "library/"); !strings.Contains(official, "/") {
		return official
	}
	return path
}

// looksLikeRegistry tells whether a path on Docker Hub would be read as another registry's without the hub's name.
func looksLikeRegistry(path string) bool {
	first, _, more := strings.Cut(path, "/")
	return more && (first == "localhost" || strings.Contains(first, "."))
}
