package image

import (
	"fmt"
	"slices"
)

// claim is what one piece of evidence says of an image's base.
type claim struct {
	// base is the repository and tag; also are all the names that the same evidence has for it, where it has several.
	base     Reference
	also     []Reference
	evidence Evidence
	// records are the digests on record, the weightiest first.
	records []record
	// depth is how many of the image's layers are the base's, where the evidence says so; else zero. It counts where no
	// digest is on record.
	depth int
}

// record is a digest that the base had when the image was built.
type record struct {
	// at is where the base is found under the digest.
	at       Reference
	evidence Evidence
}

// digest is the one that the claim's own evidence has on record; empty where it has none.
func (c claim) digest() string {
	if len(c.records) > 0 && c.records[0].evidence == c.evidence {
		return c.records[0].at.Digest
	}
	return ""
}

// says is the claim as a clause whose subject is the evidence.
func (c claim) says() string {
	if digest := c.digest(); digest != "" {
		return c.evidence.naming(c.base) + " at " + digest
	}
	return c.evidence.naming(c.base)
}

// is reports whether the claim knows a base by a name.
func (c claim) is(base Reference) bool {
	return c.base == base || slices.ContainsFunc(c.also, base.SameTag)
}

// finding is what is found of one platform's image.
type finding struct {
	base      Reference
	evidence  Evidence
	record    record
	certainty Certainty
	// denied are the records that the layers disprove.
	denied []record
}

// finder finds the base of one platform's image.
type finder struct {
	app   Image
	child Child
	known Known
	// read are the images whose layers are known, wanted those whose layers would help.
	read   []Image
	wanted []Reference
}

func newFinder(app Image, child Child, known Known) *finder {
	return &finder{app: app, child: child, known: known, read: known.read()}
}

// find goes through the evidence in its order of weight.
func (f *finder) find() (finding, error) {
	if f.known.Declared != nil {
		return f.declared(f.known.Declared.WithDigest("")), nil
	}
	for _, evidence := range []func() (claim, bool, error){f.annotated, f.packed} {
		found, ok, err := evidence()
		if err != nil {
			return finding{}, err
		}
		if ok {
			return f.examine(found)
		}
	}
	if possible := f.candidates(); len(possible) > 0 {
		return f.attested(possible)
	}
	return f.layered()
}

// declared takes the policy's word for the base's name, which nothing contradicts: an owner may know a base by the name
// of its mirror, and the digests that a tag had in the past are not all known. Of the digests on record one that the
// layers disprove is not taken where the layers begin with those of the same base at another digest.
func (f *finder) declared(base Reference) finding {
	found := f.settle(claim{base: base, evidence: Declared, records: f.recall(base)})
	if found.certainty == Named || found.certainty == Doubtful {
		f.recognise(&found, 0)
	}
	return found
}

// examine completes a claim with the digests that other evidence has on record for the same base, and holds it against
// all other evidence.
func (f *finder) examine(c claim) (finding, error) {
	c.records = f.recall(c.base)
	found := f.settle(c)
	if found.certainty == Named {
		f.recognise(&found, c.depth)
	}
	if found.certainty == Proven && len(found.denied) == 0 {
		return found, nil
	}
	return found, f.dispute(c, found)
}

// settle takes the first record that the layers prove, else the first that they do not disprove.
func (f *finder) settle(c claim) finding {
	found := finding{base: c.base, evidence: c.evidence, certainty: Named}
	for _, r := range c.records {
		result, _ := f.compare(r.at)
		switch {
		case result == differs:
			found.denied = append(found.denied, r)
		case result == begins:
			found.record, found.certainty = r, Proven
			return found
		case result != elsewhere && found.certainty == Named:
			found.record, found.certainty = r, Recorded
		}
	}
	if found.certainty == Named && len(found.denied) > 0 {
		found.record, found.certainty = found.denied[0], Doubtful
	}
	return found
}

// recognise gives a base the digest at which a policy's base of the same name has the layers that the image begins
// with; as many as depth, unless that is zero.
func (f *finder) recognise(found *finding, depth int) {
	beneath, length := f.beneath(func(c Candidate) bool { return c.Reference.SameTag(found.base) })
	if len(beneath) > 0 && (depth == 0 || depth == length) {
		at := found.base.WithDigest(beneath[0].Digest)
		found.record, found.certainty = record{at, Layers}, Proven
	}
}

// recall gathers the digests that any evidence has on record for a base.
func (f *finder) recall(base Reference) []record {
	var records []record
	for _, c := range f.claims() {
		if c.is(base) {
			records = append(records, c.records...)
		}
	}
	for _, m := range f.candidates() {
		if m.Reference.SameTag(base) && m.Digest != "" {
			records = append(records, record{m.at(), Provenance})
		}
	}
	return records
}

// claims are those of the annotations and of the label, as far as they can be read.
func (f *finder) claims() []claim {
	var claims []claim
	for _, annotations := range f.annotations() {
		if c, ok, err := annotated(annotations); ok && err == nil {
			claims = append(claims, c)
		}
	}
	if c, ok, err := f.packed(); ok && err == nil {
		claims = append(claims, c)
	}
	return claims
}

// annotations are the manifest's own, which tell of one platform, and the index's, which tell of all.
//
// The labels of the same names in an image's config are not evidence: a label is inherited from the base, so that they
// would tell of the base's base.
func (f *finder) annotations() []map[string]string {
	return []map[string]string{f.child.Annotations, f.app.Annotations}
}

// annotated is what the annotations claim.
func (f *finder) annotated() (claim, bool, error) {
	for _, annotations := range f.annotations() {
		if found, ok, err := annotated(annotations); ok || err != nil {
			return found, ok, err
		}
	}
	return claim{}, false, nil
}

// scratch is how Docker's official images name that they have no base.
const scratch = dockerHub + "/library/scratch"

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
	if ref.Repository == scratch {
		return claim{}, false, fmt.Errorf("%w: its annotation %s says that it was built from scratch; there is no base to follow",
			ErrNoLineage, AnnotationBaseName)
	}
	if ref.Tag == "" {
		return claim{}, false, neverMoves(ref)
	}
	if recorded := annotations[AnnotationBaseDigest]; ValidDigest(recorded) {
		ref.Digest = recorded
	}
	found = claim{base: ref.WithDigest(""), evidence: Annotations}
	if ref.Digest != "" {
		found.records = []record{{ref, Annotations}}
	}
	return found, true, nil
}

func neverMoves(ref Reference) error {
	return fmt.Errorf("%w: it was built on %s, a digest, which never moves; declare the tag to follow, such as %s:stable, "+
		"in spec.images[].base.image of the policy", ErrNoLineage, ref.Familiar(), familiarRepository(ref.Repository))
}
