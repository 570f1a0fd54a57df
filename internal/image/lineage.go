package image

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Evidence is how something is known of an image's base.
type Evidence string

const (
	// Declared is the policy's own word, spec.images[].base.
	Declared Evidence = "Declared"
	// Annotations are the image's org.opencontainers.image.base annotations.
	Annotations Evidence = "Annotations"
	// Provenance is the attestation that BuildKit attaches to what it builds.
	Provenance Evidence = "Provenance"
)

// subject is the evidence in a sentence.
func (e Evidence) subject() string {
	switch e {
	case Declared:
		return "the policy's spec.images[].base"
	case Annotations:
		return "the image's annotations"
	}
	return "the image's provenance"
}

// Lineage says which base an image has, at which digest, and how that is known.
type Lineage struct {
	// Base is the repository and tag to follow, without a digest.
	Base Reference
	// Evidence is how the base is known.
	Evidence Evidence
	// Digest is the base's when the image was built, of its index or of one platform's image: the first of Records
	// that has one. Empty where nothing recorded it.
	Digest string
	// Records hold the same for each platform that runs, in the order of the image's platforms.
	Records []Record
}

// Record is the base digest that one platform's image was built on.
type Record struct {
	Platform Platform
	// Digest is empty where nothing recorded it.
	Digest string
	// Evidence is where the digest comes from; empty where there is none.
	Evidence Evidence
}

// Digests are the distinct base digests on record: those whose images Behind wants to see.
func (l Lineage) Digests() []string {
	var digests []string
	for _, record := range l.Records {
		if record.Digest != "" && !slices.Contains(digests, record.Digest) {
			digests = append(digests, record.Digest)
		}
	}
	return digests
}

var (
	// ErrNoLineage says that nothing tells which base an image has. Its message says what to declare.
	ErrNoLineage = errors.New("the image's base is not known")
	// ErrAmbiguousLineage says that several bases are possible.
	ErrAmbiguousLineage = errors.New("the image's base is not certain")
)

// AmbiguousLineageError is an ErrAmbiguousLineage that fetching the candidates may settle.
type AmbiguousLineageError struct {
	// Candidates are the images that the build used, any of which may be the base. Each has a digest.
	Candidates []Material
}

// Error says what to declare.
func (e *AmbiguousLineageError) Error() string {
	return fmt.Sprintf("%v: it was built from %s; %s", ErrAmbiguousLineage, names(e.Candidates), whatToDeclare)
}

// Unwrap is ErrAmbiguousLineage.
func (e *AmbiguousLineageError) Unwrap() error { return ErrAmbiguousLineage }

const whatToDeclare = "declare the base to follow in spec.images[].base.image of the policy"

// FindLineage finds the base of the images that run on the platforms; of all where platforms is empty. What the policy
// declared goes first, then the image's annotations, then its provenance, if that was read into the children. A
// declared base takes its recorded digest from those two where they name the same repository and tag.
//
// Bases are images that were fetched to settle an AmbiguousLineageError: its candidates, by their digests. The base is
// then the candidate whose layers the image begins with. Without them provenance that names a single image is
// believed, although that image may have been a build stage only.
//
// The error is ErrNoLineage, ErrAmbiguousLineage (an *AmbiguousLineageError where bases would help) or
// ErrPlatformMissing.
func FindLineage(app Image, platforms []Platform, declared *Reference, bases ...Image) (Lineage, error) {
	children, err := app.running(platforms)
	if err != nil {
		return Lineage{}, err
	}
	var lineage Lineage
	for _, child := range children {
		found, err := findClaim(app, child, declared, bases)
		if err != nil {
			return Lineage{}, err
		}
		if lineage.Base == (Reference{}) {
			lineage.Base, lineage.Evidence = found.base, found.evidence
		}
		if found.base != lineage.Base {
			return Lineage{}, fmt.Errorf("%w: %s was built on %s and another platform on %s; %s",
				ErrAmbiguousLineage, child.Platform, found.base, lineage.Base, whatToDeclare)
		}
		lineage.Records = append(lineage.Records, found.record(child.Platform))
	}
	if digests := lineage.Digests(); len(digests) > 0 {
		lineage.Digest = digests[0]
	}
	return lineage, nil
}

func names(materials []Material) string {
	all := make([]string, len(materials))
	for i, m := range materials {
		all[i] = m.Reference.Familiar()
	}
	return strings.Join(all, ", ")
}
