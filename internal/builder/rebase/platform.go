package rebase

import (
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// platformOf is what an entry of an index says of its platform; not ok where it says nothing.
func platformOf(entry ocispec.Descriptor) (image.Platform, bool) {
	p := entry.Platform
	if p == nil {
		return image.Platform{}, false
	}
	return image.Platform{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion,
	}.Normalized(), true
}

// exactly completes what an entry says of its platform by what the image says itself.
func exactly(entry ocispec.Descriptor, own image.Platform) image.Platform {
	platform, ok := platformOf(entry)
	if !ok {
		return own.Normalized()
	}
	if platform.Variant == "" {
		platform.Variant = own.Normalized().Variant
	}
	if platform.OSVersion == "" {
		platform.OSVersion = own.OSVersion
	}
	return platform
}

// candidates are the entries of an index that may be the image for a platform, in the order to look at them: the one
// that names the very same platform, else the first that matches, else all that do not say.
func candidates(entries []ocispec.Descriptor, platform image.Platform) []ocispec.Descriptor {
	var first *ocispec.Descriptor
	var silent []ocispec.Descriptor
	for _, entry := range entries {
		own, said := platformOf(entry)
		switch {
		case !isImage(entry):
		case !said:
			silent = append(silent, entry)
		case own == platform.Normalized():
			return []ocispec.Descriptor{entry}
		case first == nil && own.Matches(platform):
			first = &entry
		}
	}
	if first != nil {
		return []ocispec.Descriptor{*first}
	}
	return silent
}

// images are the entries of an index that are images.
func images(entries []ocispec.Descriptor) []ocispec.Descriptor {
	return slices.DeleteFunc(slices.Clone(entries), func(e ocispec.Descriptor) bool { return !isImage(e) })
}
