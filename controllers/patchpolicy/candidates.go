package patchpolicy

import (
	"context"
	"slices"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// maxCandidates bounds how many bases are compared with the layers of an image that tells nothing of its own.
const maxCandidates = 64

// candidates are the bases that a namespace's policies name: those that they declare, without a digest, and those of
// their images at the digests that are in their status, where they stand and where they stood when an image on them was
// seen last, and those that runs have moved images from. So the base of an image that records nothing is still known
// when it has moved, also when the image that runs is a patched one.
func candidates(policies []respinv1alpha1.PatchPolicy, runs []respinv1alpha1.PatchRun) []image.Reference {
	var found []image.Reference
	for i := range runs {
		if runs[i].Spec.Rebase == nil {
			continue
		}
		for _, from := range runs[i].Spec.Rebase.From {
			found = addCandidate(found, runs[i].Spec.Base.Image, from.Digest)
		}
	}
	for i := range policies {
		for _, rule := range policies[i].Spec.Images {
			if rule.Base != nil {
				found = addCandidate(found, rule.Base.Image, "")
			}
		}
		for _, base := range policies[i].Status.Bases {
			found = addCandidate(found, base.Image, base.Digest)
		}
	}
	for i := range policies {
		for _, app := range policies[i].Status.Images {
			found = addCandidate(found, app.Base, app.BaseDigest)
		}
	}
	return found
}

func addCandidate(found []image.Reference, base, digest string) []image.Reference {
	ref, err := image.ParseReference(base)
	if err != nil || digest != "" && !image.ValidDigest(digest) || len(found) >= maxCandidates {
		return found
	}
	if ref = ref.WithDigest(digest); slices.Contains(found, ref) {
		return found
	}
	return append(found, ref)
}

// known reads the candidates. One that cannot be read tells nothing.
func (g *gatherer) known(ctx context.Context, platforms []image.Platform) []image.Candidate {
	var known []image.Candidate
	for _, ref := range g.candidates {
		if base, err := g.candidate(ctx, ref, platforms); err == nil {
			known = append(known, image.Candidate{Reference: ref.WithDigest(""), Image: base})
		}
	}
	return known
}

func (g *gatherer) candidate(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error) {
	if ref.Digest == "" {
		now, err := g.Digest(ctx, ref, g.notBefore)
		if err != nil {
			return image.Image{}, err
		}
		ref.Digest = now.Digest
	}
	return g.Inspect(ctx, ref, platforms)
}
