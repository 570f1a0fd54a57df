package image

import "fmt"

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
