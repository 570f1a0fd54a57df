package image

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Evidence is how something is known of an image's base.
type Evidence string

// Evidence, the weightiest first.
const (
	// Declared is the policy's own word, spec.images[].base.
	Declared Evidence = "Declared"
	// Annotations are the image's org.opencontainers.image.base annotations.
	Annotations Evidence = "Annotations"
	// Buildpacks is the label that the lifecycle of Cloud Native Buildpacks sets.
	Buildpacks Evidence = "Buildpacks"
	// Provenance is the attestation that BuildKit attaches to what it builds, and Respin to what it rebases.
	Provenance Evidence = "Provenance"
	// Layers are the image's own: they begin with those of a base that a policy names.
	Layers Evidence = "Layers"
)

// Certainty is how sure it is that an image was built on its base, at the digest on record.
type Certainty string

// Certainties, the surest first. A rebase needs the first.
const (
	// Proven: the base at that digest was read, and the image's layers begin with all of its.
	Proven Certainty = "Proven"
	// Recorded: a digest is on record. The base at that digest was not read, or it has no layers to compare.
	Recorded Certainty = "Recorded"
	// Named: the base is known by name alone; no digest is on record.
	Named Certainty = "Named"
	// Doubtful: the base at that digest was read, and the image's layers do not begin with its. The image was squashed,
	// or what recorded the digest was wrong.
	Doubtful Certainty = "Doubtful"
)

// weaker is the less sure of two.
func weaker(a, b Certainty) Certainty {
	order := []Certainty{Proven, Recorded, Named, Doubtful}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// Lineage says which base an image has, at which digest, how that is known, and how sure it is.
type Lineage struct {
	// Base is the repository and tag to follow, without a digest.
	Base Reference
	// Evidence is how the base is known.
	Evidence Evidence
	// Certainty is that of the platform of which it is least.
	Certainty Certainty
	// Digest is the base's when the image was built, of its index or of one platform's image: the first of Records
	// that has one. Empty where nothing recorded it.
	Digest string
	// Records hold the same for each platform that runs, in the order of the image's platforms.
	Records []Record
	// Wanted are images, by digest, that would make the answer surer; an error comes with them too. See FindLineage.
	Wanted []Reference
}

// Record is the base digest that one platform's image was built on.
type Record struct {
	Platform Platform
	// Digest is empty where nothing recorded it.
	Digest string
	// Evidence is where the digest comes from; empty where there is none.
	Evidence Evidence
	// Certainty is how sure it is.
	Certainty Certainty
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

// AmbiguousLineageError is an ErrAmbiguousLineage with the bases that are possible.
type AmbiguousLineageError struct {
	Candidates []Material
	// Why is a clause for a person to read.
	Why string
}

// Error says what to declare.
func (e *AmbiguousLineageError) Error() string {
	return fmt.Sprintf("%v: it may be any of %s, %s; %s", ErrAmbiguousLineage, names(e.Candidates), e.Why, whatToDeclare)
}

// Unwrap is ErrAmbiguousLineage.
func (e *AmbiguousLineageError) Unwrap() error { return ErrAmbiguousLineage }

const whatToDeclare = "declare the base to follow in spec.images[].base.image of the policy"

// FindLineage finds the base of the images that run on the platforms; of all where platforms is empty. What the policy
// declared goes first, then the image's annotations, then the label of buildpacks, then its provenance, if that was
// read into the children, then its layers. What weighs less still adds the digest that the base had, and must not
// contradict what weighs more, unless the layers or the policy have decided.
//
// The caller reads the images that the lineage wants, adds them to known.Fetched or, where they cannot be had, to
// known.Missing, and asks again: when nothing is wanted any more, the answer is final. They are the bases at the digests
// on record, which a rebase reads anyway, and where several images went into a build, each of them. Provenance is worth
// reading while the answer is an error or its Certainty is not Proven. It never changes an answer that is.
//
// The error is ErrNoLineage, ErrAmbiguousLineage, ErrContradictingLineage or ErrPlatformMissing.
func FindLineage(app Image, platforms []Platform, known Known) (Lineage, error) {
	children, err := app.running(platforms)
	if err != nil {
		return Lineage{}, err
	}
	var lineage Lineage
	var wanted []Reference
	var failed error
	for _, child := range children {
		f := newFinder(app, child, known)
		found, err := f.find()
		if err == nil {
			err = lineage.join(child.Platform, found)
		}
		if failed == nil {
			failed = err
		}
		wanted = append(wanted, f.wanted...)
	}
	if failed != nil {
		lineage = Lineage{}
	}
	lineage.Wanted = once(wanted)
	return lineage, failed
}

// join adds what was found for one more platform.
func (l *Lineage) join(p Platform, found finding) error {
	if len(l.Records) == 0 {
		l.Base, l.Evidence, l.Certainty = found.base, found.evidence, found.certainty
	}
	if found.base != l.Base {
		return &ContradictingLineageError{
			One:   Testimony{l.Records[0].Platform, l.Evidence, l.Evidence.naming(l.Base)},
			Other: Testimony{p, found.evidence, found.evidence.naming(found.base)},
		}
	}
	record := Record{Platform: p, Digest: found.record.at.Digest, Evidence: found.record.evidence, Certainty: found.certainty}
	l.Records = append(l.Records, record)
	l.Certainty = weaker(l.Certainty, found.certainty)
	if l.Digest == "" {
		l.Digest = record.Digest
	}
	return nil
}

// once keeps one reference for each digest: whichever repository an image is read from, it is the same.
func once(references []Reference) []Reference {
	var kept []Reference
	for _, ref := range references {
		if !slices.ContainsFunc(kept, func(k Reference) bool { return k.Digest == ref.Digest }) {
			kept = append(kept, ref)
		}
	}
	return kept
}

func names(materials []Material) string {
	all := make([]string, len(materials))
	for i, m := range materials {
		all[i] = m.name()
	}
	return strings.Join(all, ", ")
}

// name is the material's for a person to read.
func (m Material) name() string {
	switch {
	case m.Reference.Repository != "":
		return m.Reference.Familiar()
	case m.Digest != "":
		return "an image that has no name in a registry, " + m.Digest
	}
	return "an image that has no name in a registry"
}
