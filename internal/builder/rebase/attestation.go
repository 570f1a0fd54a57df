package rebase

import (
	"strings"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// How BuildKit attaches attestations to an image: see its docs/attestations/attestation-storage.md.
const (
	annotationType      = "vnd.docker.reference.type"
	annotationSubject   = "vnd.docker.reference.digest"
	annotationPredicate = "in-toto.io/predicate-type"
	attestationEntry    = "attestation-manifest"
	attestationArtifact = "application/vnd.docker.attestation.manifest.v1+json"
	unknownPlatform     = "unknown"
)

// attestation is a manifest that tells of an image, as it is to be pushed.
type attestation struct {
	manifest, statement, config blob
	// tag is where cosign looks for the attestations of an image.
	tag string
}

// attest attaches a statement to a rebased image.
func attest(subject blob, statement blob) (attestation, error) {
	empty := ocispec.DescriptorEmptyJSON
	about := subject.descriptor
	layer := statement.descriptor
	layer.Annotations = map[string]string{annotationPredicate: image.PredicateSLSA1}
	manifest, err := newBlob(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: attestationArtifact,
		Config:       empty, Layers: []ocispec.Descriptor{layer}, Subject: &about,
	})
	return attestation{
		manifest: manifest, statement: statement, config: blob{descriptor: empty, content: empty.Data},
		tag: strings.Replace(about.Digest.String(), ":", "-", 1) + ".att",
	}, err
}

// entry is the attestation's entry in the index.
func (a attestation) entry(subject blob) ocispec.Descriptor {
	entry := a.manifest.descriptor
	entry.Platform = &ocispec.Platform{OS: unknownPlatform, Architecture: unknownPlatform}
	entry.Annotations = map[string]string{
		annotationType: attestationEntry, annotationSubject: subject.descriptor.Digest.String(),
	}
	return entry
}

// isAttestationOf tells whether an entry of an index tells of another one, by BuildKit's marks.
func isAttestationOf(entry ocispec.Descriptor, subject string) bool {
	return entry.Annotations[annotationType] == attestationEntry && entry.Annotations[annotationSubject] == subject
}

// isImage tells whether an entry of an index is an image: attestations and the like are marked, or are for no platform.
// Some tools (crane, ko) give an image's entry the type of its config for an artifact's.
func isImage(entry ocispec.Descriptor) bool {
	unknown := entry.Platform != nil &&
		(entry.Platform.OS == unknownPlatform || entry.Platform.Architecture == unknownPlatform)
	artifact := entry.ArtifactType != "" && !isConfigType(entry.ArtifactType)
	return isManifestType(entry.MediaType) && !unknown && entry.Annotations[annotationType] == "" && !artifact
}
