package image

import "regexp"

const (
	// maxTag is the length of the longest tag that registries take.
	maxTag = 128
	// tagMark parts the tag that people chose from the hash of what went into the patched image.
	tagMark = "respin-"
)

var patchedSuffix = regexp.MustCompile(`(^|-)respin-[0-9a-f]+$`)

// PatchedTag is the tag of the patched image of a source tag: <tag>-respin-<hash>. The hash, hexadecimal and at most 64
// characters, is of all that went into the image. The suffix of a tag that is a patched one's already is replaced, so
// that suffixes never pile up. A tag too long is cut; the hash keeps the result apart from others.
func PatchedTag(sourceTag, suffixHash string) string {
	suffix := tagMark + suffixHash
	source := patchedSuffix.ReplaceAllString(sourceTag, "")
	if source == "" {
		return suffix
	}
	room := maxTag - len(suffix) - 1
	return source[:min(len(source), room)] + "-" + suffix
}
