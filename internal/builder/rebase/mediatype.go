package rebase

import (
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Docker's media types. See https://distribution.github.io/distribution/spec/manifest-v2-2/.
const (
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerConfig   = "application/vnd.docker.container.image.v1+json"
	dockerLayer    = "application/vnd.docker.image.rootfs.diff.tar"
)

// family is whose media types a document has: those of the OCI image specification, or Docker's schema 2.
type family bool

const (
	oci    family = false
	docker family = true
)

func (f family) index() string {
	if f == docker {
		return dockerList
	}
	return ocispec.MediaTypeImageIndex
}

func (f family) manifest() string {
	if f == docker {
		return dockerManifest
	}
	return ocispec.MediaTypeImageManifest
}

func (f family) config() string {
	if f == docker {
		return dockerConfig
	}
	return ocispec.MediaTypeImageConfig
}

// layer is the type of a layer of some compression.
func (f family) layer(c compression) string {
	switch {
	case f == docker && c != "":
		return dockerLayer + "." + string(c)
	case f == docker:
		return dockerLayer
	case c != "":
		return ocispec.MediaTypeImageLayer + "+" + string(c)
	}
	return ocispec.MediaTypeImageLayer
}

func isIndexType(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerList
}

func isManifestType(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == dockerManifest
}

func isConfigType(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageConfig || mediaType == dockerConfig
}

// compression is how a layer's tar is compressed: empty for not at all.
type compression string

const (
	gzip compression = "gzip"
	zstd compression = "zstd"
)

// compressionOf reads a layer's media type, of either family. It refuses layers that are not to be pushed elsewhere, and
// those of which it is not known what they are, such as encrypted ones.
func compressionOf(layer ocispec.Descriptor) (compression, error) {
	if strings.Contains(layer.MediaType, "nondistributable") || strings.Contains(layer.MediaType, "foreign") || len(layer.URLs) > 0 {
		return "", fmt.Errorf("layer %s is kept outside of registries (%.128q): build the image again on the new base instead",
			layer.Digest, layer.MediaType)
	}
	for _, f := range []family{oci, docker} {
		for _, c := range []compression{"", gzip, zstd} {
			if layer.MediaType == f.layer(c) {
				return c, nil
			}
		}
	}
	return "", fmt.Errorf("layer %s is of the type %.128q, which is no layer of files: build the image again on the new "+
		"base instead", layer.Digest, layer.MediaType)
}
