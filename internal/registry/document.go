package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/respin-dev/respin/internal/image"
)

// Media types of manifests and of images' configs. See the OCI image specification and
// https://distribution.github.io/distribution/spec/manifest-v2-2/.
const (
	typeOCIIndex       = "application/vnd.oci.image.index.v1+json"
	typeOCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	typeOCIConfig      = "application/vnd.oci.image.config.v1+json"
	typeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	typeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeDockerConfig   = "application/vnd.docker.container.image.v1+json"
)

// maxDescriptors bounds the entries of an index, images and attestations, and the layers of an image.
const maxDescriptors = 1000

// maxAnnotations bounds those of all entries of one index, and of all layers of one image.
const maxAnnotations = 4 * maxEntries

// descriptor refers to a manifest or a blob. Its size is in bytes.
type descriptor struct {
	MediaType   string     `json:"mediaType"`
	Digest      string     `json:"digest"`
	Size        int64      `json:"size"`
	Annotations dictionary `json:"annotations"`
	Platform    *platform  `json:"platform"`
}

// descriptors are a list that is bounded while it is read, and so are its entries' annotations together.
type descriptors []descriptor

// UnmarshalJSON is json.Unmarshaler's.
func (d *descriptors) UnmarshalJSON(raw []byte) error {
	room := maxAnnotations
	read, err := readList(raw, maxDescriptors, func(entry descriptor) error {
		if room -= len(entry.Annotations); room < 0 {
			return fmt.Errorf("the entries of a list have more than %d annotations together", maxAnnotations)
		}
		return nil
	})
	if read != nil {
		*d = read
	}
	return err
}

// document is an index, with Manifests, or an image's manifest, with Config and Layers.
type document struct {
	SchemaVersion int         `json:"schemaVersion"`
	MediaType     string      `json:"mediaType"`
	Annotations   dictionary  `json:"annotations"`
	Manifests     descriptors `json:"manifests"`
	Config        *descriptor `json:"config"`
	Layers        descriptors `json:"layers"`

	raw []byte // what all this was read from
}

func (d document) isIndex() bool { return d.Manifests != nil }

// document gives the index or manifest of a digest.
func (c *Client) document(ctx context.Context, ref image.Reference, digest string) (document, error) {
	return remembered(ctx, c, c.documents, c.key("document", ref, digest),
		func(ctx context.Context) (document, int, error) {
			raw, err := c.manifest(ctx, ref, digest)
			if err != nil {
				return document{}, 0, err
			}
			d, err := parseDocument(raw)
			if err != nil {
				return document{}, 0, failure(ref, err)
			}
			d.raw = raw
			return d, 2 * len(raw), nil
		})
}

func parseDocument(raw []byte) (document, error) {
	var d document
	if err := decode(raw, "manifest", &d); err != nil {
		return document{}, err
	}
	if err := d.check(); err != nil {
		return document{}, err
	}
	return d, nil
}

// check refuses what is no image, and what two readers could take for two different ones: the form alone says whether
// it is an index, and the media type must not say otherwise.
func (d *document) check() error {
	switch {
	case d.SchemaVersion == 1:
		return badContent("it is in Docker's schema 1, which has no layer digests; push it again with a current client")
	case d.isIndex() == (d.Config != nil) || d.isIndex() && d.Layers != nil:
		return badContent("it is neither an index nor an image's manifest")
	case !d.settleType():
		return badContent("its media type %.128q is not that of its form", d.MediaType)
	}
	return checkDescriptors(slices.Concat(d.Manifests, d.Layers), d.Config)
}

// settleType fills in the media type, which OCI's documents may leave out, and reports whether it fits the form.
func (d *document) settleType() bool {
	oci, docker := typeOCIManifest, typeDockerManifest
	if d.isIndex() {
		oci, docker = typeOCIIndex, typeDockerList
	}
	if d.MediaType == "" {
		d.MediaType = oci
	}
	return d.MediaType == oci || d.MediaType == docker
}

func checkDescriptors(all descriptors, config *descriptor) error {
	if config != nil {
		all = append(all, *config)
	}
	for _, d := range all {
		if !image.ValidDigest(d.Digest) {
			return badContent("it refers to %.128q, which is not a sha256 digest", d.Digest)
		}
		if d.Size < 0 {
			return badContent("it refers to %s with a size below zero", d.Digest)
		}
	}
	return nil
}
