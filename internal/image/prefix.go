package image

import "fmt"

// layered takes the base that the image's layers begin with for its base: of those that the namespace's policies name,
// the one with most layers.
func (f *finder) layered() (finding, error) {
	beneath, _ := f.beneath(anyBase)
	switch len(byName(beneath)) {
	case 0:
		return finding{}, fmt.Errorf("%w: it has no annotation %s, no label %s of its own and no provenance that names an "+
			"image, and its layers begin with those of no base that a policy of the namespace names; %s",
			ErrNoLineage, AnnotationBaseName, labelLifecycle, whatToDeclare)
	case 1:
		base := beneath[0].Reference
		at := base.WithDigest(beneath[0].Digest)
		return finding{base: base, evidence: Layers, record: record{at, Layers}, certainty: Proven}, nil
	}
	return finding{}, &AmbiguousLineageError{byName(beneath), "which have the same layers"}
}

func anyBase(Candidate) bool { return true }

// beneath are the policies' bases that fit and whose layers the image begins with, at the digests at which they have
// most layers, and how many those are. An image is not its own base.
func (f *finder) beneath(fits func(Candidate) bool) (found []Material, most int) {
	for _, candidate := range f.known.Bases {
		base, ok := candidate.Image.Child(f.child.Platform)
		itself := candidate.Image.Digest == f.app.Digest || base.Digest == f.child.Digest
		if !ok || itself || !fits(candidate) || !BeginsWith(f.child.DiffIDs, base.DiffIDs) {
			continue
		}
		if len(base.DiffIDs) > most {
			found, most = nil, len(base.DiffIDs)
		}
		if len(base.DiffIDs) == most {
			found = append(found, candidate.material())
		}
	}
	return found, most
}
