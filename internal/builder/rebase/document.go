package rebase

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// Bounds on what is made, in bytes and in number: what package registry reads back.
const (
	maxManifest = 4 << 20
	maxConfig   = 8 << 20
	maxLayers   = 1000
	maxChildren = 64
)

// document is an index, with Manifests, or an image's manifest, with Config and Layers, as it was read.
type document struct {
	MediaType   string                   `json:"mediaType"`
	Config      *ocispec.Descriptor      `json:"config"`
	Layers      list[ocispec.Descriptor] `json:"layers"`
	Manifests   list[ocispec.Descriptor] `json:"manifests"`
	Annotations map[string]string        `json:"annotations"`

	raw []byte
}

func (d document) isIndex() bool { return d.Manifests != nil }

// family tells whose media types the document has.
func (d document) family() family {
	if d.MediaType == dockerManifest || d.MediaType == dockerList {
		return docker
	}
	return oci
}

// parseDocument reads an index or a manifest. The media type is the registry's word; where the document itself has one,
// that decides.
func parseDocument(mediaType string, raw []byte) (document, error) {
	d := document{raw: raw}
	if err := json.Unmarshal(raw, &d); err != nil {
		return document{}, fmt.Errorf("its manifest is not JSON of the right form (%w)", err)
	}
	if d.MediaType == "" {
		d.MediaType = mediaType
	}
	switch {
	case d.isIndex() == (d.Config != nil) || d.isIndex() && d.Layers != nil:
		return document{}, fmt.Errorf("it is neither an index nor an image's manifest, but %.128q", d.MediaType)
	case d.isIndex() && !isIndexType(d.MediaType), !d.isIndex() && !isManifestType(d.MediaType):
		return document{}, fmt.Errorf("its media type %.128q is not that of its form", d.MediaType)
	}
	if err := d.checkDescriptors(); err != nil {
		return document{}, err
	}
	return d, d.checkEntries()
}

// checkEntries refuses an index that holds no images, too many, or other indexes.
func (d document) checkEntries() error {
	if !d.isIndex() {
		return nil
	}
	if count := len(images(d.Manifests)); count == 0 || count > maxChildren || len(d.Manifests) > maxLayers {
		return fmt.Errorf("its index has %d entries, of which %d are images: there have to be 1 to %d of them",
			len(d.Manifests), count, maxChildren)
	}
	if slices.ContainsFunc(d.Manifests, func(e ocispec.Descriptor) bool { return isIndexType(e.MediaType) }) {
		return errors.New("its index holds another index: push its images in one index")
	}
	return nil
}

func (d document) checkDescriptors() error {
	documents := slices.Clone(d.Manifests)
	if d.Config != nil {
		documents = append(documents, *d.Config)
	}
	for _, one := range documents {
		if len(one.URLs) > 0 {
			return fmt.Errorf("it refers to %s, which is kept outside of registries: push it again", one.Digest)
		}
	}
	for _, one := range slices.Concat(documents, d.Layers) {
		if !image.ValidDigest(one.Digest.String()) || one.Size < 0 {
			return fmt.Errorf("it refers to %.128q with %d bytes, and only sha256 digests and real sizes are of use",
				one.Digest, one.Size)
		}
	}
	return nil
}

// newManifest writes an image's manifest.
func newManifest(f family, config ocispec.Descriptor, layers []ocispec.Descriptor, annotations map[string]string) (blob, error) {
	return newBlob(f.manifest(), ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: f.manifest(),
		Config: config, Layers: layers, Annotations: annotations,
	})
}

// newIndex writes an index.
func newIndex(f family, entries []ocispec.Descriptor, annotations map[string]string) (blob, error) {
	return newBlob(f.index(), ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: f.index(),
		Manifests: entries, Annotations: annotations,
	})
}
