package image

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Annotations that tell of an image's origin. The first two are the OCI image specification's.
const (
	// AnnotationBaseName is the reference of the image that this one was built on.
	AnnotationBaseName = "org.opencontainers.image.base.name"
	// AnnotationBaseDigest is the digest, of an index or of a manifest, that this image was built on.
	AnnotationBaseDigest = "org.opencontainers.image.base.digest"
	// AnnotationSourceDigest is the digest of the image that Respin made this one from, itself never patched.
	AnnotationSourceDigest = "dev.respin.source.digest"
	// AnnotationSourceName is that image's repository.
	AnnotationSourceName = "dev.respin.source.name"
)

// ErrPlatformMissing says that an image runs on a platform which its own index does not name.
var ErrPlatformMissing = errors.New("the image is not made for a platform that it runs on")

// Image is what a digest stands for: an index of images, one for each platform, or a single image.
type Image struct {
	Digest string
	// MediaType is the manifest's or the index's.
	MediaType string
	// Index is false for a single image. Children then holds that image alone, under the same digest.
	Index       bool
	Annotations map[string]string
	// Children are in the index's order, without attestations.
	Children []Child
}

// Child is an image for one platform.
type Child struct {
	Platform Platform
	// Digest is the manifest's.
	Digest string
	// Annotations are the manifest's own and, where it has none of a key, those of its entry in the index.
	Annotations map[string]string
	// DiffIDs are the digests of the uncompressed layers, the base's first.
	DiffIDs []string
	// Layers are the same layers as they are stored, one for each of DiffIDs.
	Layers []Layer
	// Config is how a container of the image is run.
	Config Config
	// Created is the zero time where the image does not say.
	Created time.Time
	// Materials are the images that the build used, from its provenance; nil where that was not read.
	Materials []Material
}

// Layer is a layer as a registry stores it.
type Layer struct {
	MediaType string
	// Digest is of the bytes as they are stored, compressed as a rule.
	Digest string
	// Size of those bytes.
	Size int64
}

// Material is an image that went into a build.
type Material struct {
	// Reference is as the Dockerfile has it: it holds a digest only where the Dockerfile does. It is the zero value for an
	// image without a name in a registry, such as an OCI layout on the builder's disk.
	Reference Reference
	// Digest is what the reference stood for when the image was built, an index's as a rule; empty where the provenance
	// does not say.
	Digest string
	// Platform is the zero value where the provenance does not say.
	Platform Platform
}

// Child finds the image for a platform; one that names the very same platform goes before one that merely matches.
func (i Image) Child(p Platform) (Child, bool) {
	at := slices.IndexFunc(i.Children, func(c Child) bool { return c.Platform.Normalized() == p.Normalized() })
	if at < 0 {
		at = slices.IndexFunc(i.Children, func(c Child) bool { return c.Platform.Matches(p) })
	}
	if at < 0 {
		return Child{}, false
	}
	return i.Children[at], true
}

// Platforms are those that the image is made for, in the index's order.
func (i Image) Platforms() []Platform {
	platforms := make([]Platform, len(i.Children))
	for n, child := range i.Children {
		platforms[n] = child.Platform
	}
	return platforms
}

// running picks the children that run on the platforms, each once; all of them where platforms is empty. A single
// image runs wherever it runs: it is its own platform that counts, not the node's.
func (i Image) running(platforms []Platform) ([]Child, error) {
	if len(i.Children) == 0 {
		return nil, fmt.Errorf("%w: %s holds no image for %v", ErrPlatformMissing, i.Digest, platforms)
	}
	if len(platforms) == 0 || !i.Index {
		return i.Children, nil
	}
	var children []Child
	for _, p := range platforms {
		child, ok := i.Child(p)
		if !ok {
			return nil, fmt.Errorf("%w: %s is for %v and not for %s", ErrPlatformMissing, i.Digest, i.Platforms(), p)
		}
		if !slices.ContainsFunc(children, func(c Child) bool { return c.Digest == child.Digest }) {
			children = append(children, child)
		}
	}
	return children, nil
}
