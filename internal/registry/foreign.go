package registry

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// isForeign tells whether layers of a media type are not to be had from registries: those of Windows' bases, once.
func isForeign(mediaType string) bool {
	return strings.Contains(mediaType, ".foreign.") || strings.Contains(mediaType, ".nondistributable.")
}

// ofImage is a descriptor that somebody read in a manifest. One of what is held elsewhere is refused: no manifest says
// where the operator goes.
func ofImage(d ocispec.Descriptor) (descriptor, error) {
	of := descriptor{MediaType: d.MediaType, Digest: d.Digest.String(), Size: d.Size}
	if err := checkDescriptors(nil, &of); err != nil {
		return descriptor{}, err
	}
	if isForeign(of.MediaType) || len(d.URLs) > 0 {
		return descriptor{}, foreign(of)
	}
	return of, nil
}

func foreign(of descriptor) error {
	return badContent("its layer %s, of type %.128q, is a foreign one, which is not to be had from a registry; "+
		"build the image on a base without such", of.Digest, of.MediaType)
}
