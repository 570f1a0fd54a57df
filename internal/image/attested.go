package image

import (
	"fmt"
	"slices"
)

// maxCandidates bounds the images whose layers are compared to find the one that a platform's image was built on.
const maxCandidates = 16

// buildTools are images that BuildKit lists among a build's materials, and that are tools of the build: nothing of
// them is in the result.
var buildTools = []string{
	"docker.io/docker/dockerfile",
	"docker.io/docker/dockerfile-upstream",
	"docker.io/docker/buildkit-syft-scanner",
}

// at is where the material is found, at the digest that was used.
func (m Material) at() Reference { return m.Reference.WithDigest(m.Digest) }

// candidates are the materials that may be the base, each once. A stage that ran on another platform than the
// result's, as cross-compiling ones do, is not one of them.
func (f *finder) candidates() []Material {
	var possible []Material
	for _, m := range f.child.Materials {
		elsewhere := m.Platform != (Platform{}) && !m.Platform.Matches(f.child.Platform)
		if elsewhere || slices.Contains(buildTools, m.Reference.Repository) {
			continue
		}
		if !slices.ContainsFunc(possible, func(o Material) bool { return o.Reference == m.Reference && o.Digest == m.Digest }) {
			possible = append(possible, m)
		}
	}
	return possible
}

// attested takes the material whose layers the image begins with for its base. All have to be known, since the layers
// of one may begin with those of another: then it is the one with most layers. One that is the only one is believed
// where it cannot be read, although it may have been a build stage only.
func (f *finder) attested(possible []Material) (finding, error) {
	if len(possible) > maxCandidates {
		return finding{}, &AmbiguousLineageError{possible, "which are too many to compare its layers with"}
	}
	var best, unknown []Material
	most := 1
	for _, m := range possible {
		result, depth := f.compare(m.at())
		if result == unread {
			unknown = append(unknown, m)
		}
		if result != begins || depth < most {
			continue
		}
		if depth > most {
			best, most = nil, depth
		}
		best = append(best, m)
	}
	switch best = byName(best); {
	case len(unknown) > 0 && len(possible) == 1:
		return f.built(possible[0], Recorded)
	case len(unknown) > 0:
		return finding{}, &AmbiguousLineageError{possible, "and the layers of " + names(unknown) + " are not known"}
	case len(best) == 0:
		return finding{}, f.onNone(possible)
	case len(best) > 1:
		return finding{}, &AmbiguousLineageError{best, "which have the same layers"}
	}
	return f.built(best[0], Proven)
}

// built is the finding that an image was built on a material. One that has no tag goes by the name that a policy has
// for its digest.
func (f *finder) built(m Material, certainty Certainty) (finding, error) {
	base := m.Reference
	if base.Tag == "" {
		known := f.known.under(m.Digest)
		switch {
		case len(known) > 1:
			return finding{}, &AmbiguousLineageError{known, "which are one image"}
		case len(known) == 0 && base.Repository == "":
			return finding{}, fmt.Errorf("%w: it was built on %s; %s", ErrNoLineage, m.name(), whatToDeclare)
		case len(known) == 0:
			return finding{}, neverMoves(base)
		}
		base = known[0].Reference
	}
	found := finding{base: base.WithDigest(""), evidence: Provenance, certainty: Named}
	if m.Digest != "" {
		found.record, found.certainty = record{base.WithDigest(m.Digest), Provenance}, certainty
	}
	return found, nil
}

// onNone says why an image that begins with no material's layers has no base that could be known. That it begins with
// another base's is a contradiction: the build would have used that one.
func (f *finder) onNone(possible []Material) error {
	if beneath, depth := f.beneath(anyBase); depth > 0 {
		other := record{beneath[0].at(), Layers}
		return f.contradiction(Provenance, "names only "+names(possible), Layers, other.says(beneath[0].Reference))
	}
	return fmt.Errorf("%w: it was built from %s, and its layers begin with none of theirs for %s; %s",
		ErrNoLineage, names(possible), f.child.Platform, whatToDeclare)
}
