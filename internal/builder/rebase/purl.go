package rebase

import (
	"net/url"
	"strings"

	"github.com/respin-dev/respin/internal/image"
)

// purl is an image's package URL in the form that BuildKit writes, and image.ParseProvenance reads:
// pkg:docker/debian@12?digest=sha256:…&platform=linux%2Famd64.
func purl(ref image.Reference, platform image.Platform) string {
	segments := strings.Split(image.Reference{Repository: ref.Repository}.Familiar(), "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	name := "pkg:docker/" + strings.Join(segments, "/")
	if ref.Tag != "" {
		name += "@" + url.PathEscape(ref.Tag)
	}
	var qualifiers []string
	if ref.Digest != "" {
		qualifiers = append(qualifiers, "digest="+ref.Digest)
	}
	if platform.OS != "" {
		qualifiers = append(qualifiers, "platform="+url.QueryEscape(platform.Normalized().String()))
	}
	if len(qualifiers) == 0 {
		return name
	}
	return name + "?" + strings.Join(qualifiers, "&")
}
