package image

import (
	"fmt"
	"slices"
)

// buildTools are images that BuildKit lists among a build's materials, and that are tools of the build: nothing of
// them is in the result.
var buildTools = []string{
	"docker.io/docker/dockerfile",
	"docker.io/docker/dockerfile-upstream",
	"docker.io/docker/buildkit-syft-scanner",
}

// attested finds the base among the materials of the image's provenance.
func attested(child Child, bases []Image) (claim, error) {
	possible := candidates(child)
	if len(possible) == 0 {
		return claim{}, fmt.Errorf("%w: it has no annotation %s, and no BuildKit provenance that names an image; %s",
			ErrNoLineage, AnnotationBaseName, whatToDeclare)
	}
	base := possible[0]
	if len(possible) > 1 {
		var err error
		if base, err = standsOn(child, possible, bases); err != nil {
			return claim{}, err
		}
	}
	if base.Reference.Tag == "" {
		return claim{}, neverMoves(base.Reference)
	}
	return claim{
		base: base.Reference.WithDigest(""), evidence: Provenance,
		digest: base.Digest, digestEvidence: Provenance,
	}, nil
}

// candidates are the materials that may be the base, each once. A stage that ran on another platform than the
// result's, as cross-compiling ones do, is not one of them.
func candidates(child Child) []Material {
	var possible []Material
	for _, m := range child.Materials {
		elsewhere := m.Platform != (Platform{}) && !m.Platform.Matches(child.Platform)
		if elsewhere || slices.Contains(buildTools, m.Reference.Repository) {
			continue
		}
		if !slices.ContainsFunc(possible, func(o Material) bool { return o.Reference == m.Reference && o.Digest == m.Digest }) {
			possible = append(possible, m)
		}
	}
	return possible
}

// standsOn picks the material whose layers the image begins with. All have to be known, since the layers of one may
// begin with those of another: then the longest is the base.
func standsOn(child Child, possible []Material, bases []Image) (Material, error) {
	var best []Material
	longest := 1
	for _, m := range possible {
		base, ok := childOf(bases, m.Digest, child.Platform)
		if !ok {
			return Material{}, &AmbiguousLineageError{Candidates: possible}
		}
		if len(base.DiffIDs) < longest || !BeginsWith(child.DiffIDs, base.DiffIDs) {
			continue
		}
		if len(base.DiffIDs) > longest {
			best = nil
		}
		best, longest = append(best, m), len(base.DiffIDs)
	}
	switch len(best) {
	case 0:
		return Material{}, fmt.Errorf("%w: it was built from %s, and its layers begin with none of theirs; %s",
			ErrNoLineage, names(possible), whatToDeclare)
	case 1:
		return best[0], nil
	}
	return Material{}, fmt.Errorf("%w: %s have the same layers; %s", ErrAmbiguousLineage, names(best), whatToDeclare)
}
