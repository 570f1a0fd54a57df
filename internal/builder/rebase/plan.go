package rebase

import (
	"fmt"
	"net/url"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// Plan is all that a rebase comes to, before anything of it is pushed.
type Plan struct {
	// Digest and MediaType are those of what stands behind the tag in the end.
	Digest    string
	MediaType string
	// Images are the result's, in the source's order.
	Images []Image
	// LeftOut are what of the source's index the result does not have, a sentence each.
	LeftOut []string
	// Writes are all that is pushed, in this order: the tag last.
	Writes []Write
}

// Image is one platform's image of a result.
type Image struct {
	Platform image.Platform
	// Source is the image that was rebased, Old the base that it was built on, and New the one that it stands on now, each
	// by its manifest's digest.
	Source, Old, New image.Reference
	// Digest is the result's manifest's. It is the source's where the base has not moved for the platform.
	Digest string
	// Manifest and Config are the result's documents; nil where the image stays as it is.
	Manifest, Config []byte
	// Provenance is the statement on the image; nil where there is none, or it is the source's own.
	Provenance []byte
}

// stage parts writes: all of one are done before any of the next, since a registry takes a manifest only when it has
// what the manifest refers to, and since nothing is to point at an image that is not whole.
type stage int

const (
	blobs stage = iota
	manifests
	tag
)

var stages = map[stage]string{blobs: "pushing layers and configs", manifests: "pushing manifests", tag: "pushing the tag"}

// Write is one thing that is pushed.
type Write struct {
	// To is the output or, of a manifest, the tag and the digest that it is pushed under.
	To image.Reference
	// From is the repository that a layer is mounted from; the zero value for what is uploaded.
	From image.Reference
	// Descriptor is of what is pushed.
	Descriptor ocispec.Descriptor
	// Content is what is uploaded; nil for a mount.
	Content []byte

	stage stage
}

// Requests are the requests that a write makes, as METHOD path, if the registry does what it is asked. From one registry
// to another a layer is copied instead of mounted, unless it is there.
func (w Write) Requests() []string {
	repository, digest := "/v2/"+w.To.Path(), w.Descriptor.Digest.String()
	uploads := "POST " + repository + "/blobs/uploads/"
	put := "PUT " + repository + "/blobs/uploads/…?digest=" + digest
	switch {
	case w.stage != blobs && w.To.Tag != "":
		return []string{"PUT " + repository + "/manifests/" + w.To.Tag}
	case w.stage != blobs:
		return []string{"PUT " + repository + "/manifests/" + digest}
	case w.Content != nil:
		return []string{uploads, put}
	case w.From.Registry() != w.To.Registry():
		read := fmt.Sprintf("GET /v2/%s/blobs/%s (from %s)", w.From.Path(), digest, w.From.Registry())
		return []string{"HEAD " + repository + "/blobs/" + digest, uploads, read, put}
	}
	query := url.Values{"mount": {digest}, "from": {w.From.Path()}}
	return []string{uploads + "?" + query.Encode()}
}
