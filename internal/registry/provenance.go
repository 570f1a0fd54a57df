package registry

import (
	"context"
	"slices"

	"github.com/respin-dev/respin/internal/image"
)

// How BuildKit attaches attestations: an entry of the index refers to the image's entry, and is a manifest whose layers
// are in-toto statements. See BuildKit's docs/attestations/attestation-storage.md.
const (
	annotationType      = "vnd.docker.reference.type"
	annotationSubject   = "vnd.docker.reference.digest"
	attestationManifest = "attestation-manifest"
	annotationPredicate = "in-toto.io/predicate-type"
	typeInToto          = "application/vnd.in-toto+json"
)

// materialCost is about what a material takes in memory, in bytes.
const materialCost = 512

// Provenance completes an inspected image with the Materials of its children, where BuildKit's provenance is attached.
// It is apart from Inspect because it costs two requests for each child, the first time, and is needed only where
// nothing else tells of the image's base.
func (c *Client) Provenance(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	if !inspected.Index {
		return inspected, nil
	}
	index, err := c.document(ctx, ref, inspected.Digest)
	if err != nil {
		return image.Image{}, err
	}
	inspected.Children = slices.Clone(inspected.Children)
	if err := each(len(inspected.Children), func(i int) error {
		return c.attest(ctx, ref, index, &inspected.Children[i])
	}); err != nil {
		return image.Image{}, err
	}
	return inspected, nil
}

// attest adds to a child what the attestations in its index tell.
func (c *Client) attest(ctx context.Context, ref image.Reference, index document, child *image.Child) error {
	for _, entry := range index.attestationsOf(child.Digest) {
		found, err := c.attested(ctx, ref, entry.Digest)
		if err != nil {
			return err
		}
		child.Materials = append(child.Materials, found...)
	}
	return nil
}

// attestationsOf are the entries that tell of a child. BuildKit writes one; more than a few are not looked at.
func (d document) attestationsOf(child string) []descriptor {
	const enough = 4
	var entries []descriptor
	for _, entry := range d.Manifests {
		about := entry.Annotations[annotationType] == attestationManifest && entry.Annotations[annotationSubject] == child
		if about && len(entries) < enough {
			entries = append(entries, entry)
		}
	}
	return entries
}

// attested gives the materials that an attestation manifest tells of.
func (c *Client) attested(ctx context.Context, ref image.Reference, digest string) ([]image.Material, error) {
	return remembered(ctx, c, c.materials, c.key("materials", ref, digest),
		func(ctx context.Context) ([]image.Material, int, error) {
			manifest, err := c.document(ctx, ref, digest)
			if err != nil {
				return nil, 0, err
			}
			var all []image.Material
			for _, layer := range manifest.provenance() {
				raw, err := c.blob(ctx, ref, layer, maxAttestation)
				if err != nil {
					return nil, 0, err
				}
				found, err := image.ParseProvenance(raw)
				if err != nil {
					return nil, 0, failure(ref, contentError(err.Error()))
				}
				all = append(all, found...)
			}
			// Of a statement, which may be megabytes, only the images are kept.
			return all, 1 + len(all)*materialCost, nil
		})
}

// provenance are the layers with SLSA provenance: one, or none where only an SBOM was attached.
func (d document) provenance() []descriptor {
	const enough = 4
	var layers []descriptor
	for _, layer := range d.Layers {
		predicate := layer.Annotations[annotationPredicate]
		isProvenance := predicate == image.PredicateSLSA02 || predicate == image.PredicateSLSA1
		if layer.MediaType == typeInToto && isProvenance && len(layers) < enough {
			layers = append(layers, layer)
		}
	}
	return layers
}
