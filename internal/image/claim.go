package image

import "fmt"

// claim is what one piece of evidence says of an image's base.
type claim struct {
	base     Reference
	evidence Evidence
	// digest is the recorded one, with where it comes from.
	digest         string
	digestEvidence Evidence
}

func (c claim) record(p Platform) Record {
	return Record{Platform: p, Digest: c.digest, Evidence: c.digestEvidence}
}

// findClaim goes through the evidence in its order of weight.
//
// The org.opencontainers.image.base labels of an image's config are not evidence: a label is inherited from the base,
// so that they would tell of the base's base.
func findClaim(app Image, child Child, declared *Reference, bases []Image) (claim, error) {
	if declared != nil {
		return recall(app, child, claim{base: declared.WithDigest(""), evidence: Declared}), nil
	}
	// The manifest's own annotations tell of one platform, the index's of all.
	for _, annotations := range []map[string]string{child.Annotations, app.Annotations} {
		found, ok, err := annotated(annotations)
		if err != nil {
			return claim{}, err
		}
		if ok {
			return recall(app, child, found), nil
		}
	}
	return attested(child, bases)
}

// annotated reads the base annotations. A name without a tag is not followed: its digest never moves.
func annotated(annotations map[string]string) (found claim, ok bool, err error) {
	name := annotations[AnnotationBaseName]
	if name == "" {
		return claim{}, false, nil
	}
	ref, err := ParseReference(name)
	if err != nil {
		return claim{}, false, fmt.Errorf("%w: its annotation %s is of no use (%w); %s",
			ErrNoLineage, AnnotationBaseName, err, whatToDeclare)
	}
	if ref.Tag == "" {
		return claim{}, false, neverMoves(ref)
	}
	found = claim{base: ref.WithDigest(""), evidence: Annotations, digest: ref.Digest}
	if recorded := annotations[AnnotationBaseDigest]; ValidDigest(recorded) {
		found.digest = recorded
	}
	if found.digest != "" {
		found.digestEvidence = Annotations
	}
	return found, true, nil
}

// recall adds the digest that the annotations or the provenance recorded for the claim's base, unless it has one.
func recall(app Image, child Child, c claim) claim {
	for _, annotations := range []map[string]string{child.Annotations, app.Annotations} {
		if found, ok, _ := annotated(annotations); ok && c.digest == "" && found.base == c.base {
			c.digest, c.digestEvidence = found.digest, found.digestEvidence
		}
	}
	for _, m := range candidates(child) {
		if c.digest == "" && m.Reference.SameTag(c.base) {
			c.digest, c.digestEvidence = m.Digest, Provenance
		}
	}
	return c
}

func neverMoves(ref Reference) error {
	return fmt.Errorf("%w: it was built on %s, a digest, which never moves; declare the tag to follow, such as %s:stable, "+
		"in spec.images[].base.image of the policy", ErrNoLineage, ref.Familiar(), familiarRepository(ref.Repository))
}
