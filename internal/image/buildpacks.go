package image

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// labelLifecycle is the label in which the lifecycle of Cloud Native Buildpacks keeps what it needs to rebase an image.
// See the platform specification at https://github.com/buildpacks/spec.
const labelLifecycle = "io.buildpacks.lifecycle.metadata"

// lifecycle is as much of the label as tells of the run image, which is the base.
type lifecycle struct {
	RunImage struct {
		// TopLayer is the DiffID of the run image's last layer.
		TopLayer string `json:"topLayer"`
		// Reference is the run image as it was used, by digest; an image's ID where it was a Docker daemon's.
		Reference string `json:"reference"`
		runImage
	} `json:"runImage"`
	// Stack has the names before version 0.12 of the platform API.
	Stack struct {
		RunImage runImage `json:"runImage"`
	} `json:"stack"`
}

// runImage has the names of the run image: one, and other registries' for the same.
type runImage struct {
	Image   string   `json:"image"`
	Mirrors []string `json:"mirrors"`
}

// maxMirrors bounds the names of one run image.
const maxMirrors = 16

// packed is what the buildpacks' label claims. It is not this image's own, but was inherited from a base that
// buildpacks built, if it does not tell of the image's last layer: the lifecycle notes every layer that it adds. Nor is
// that of an image that Respin made, which tells of the image as it was before.
func (f *finder) packed() (claim, bool, error) {
	label := f.child.Config.Labels[labelLifecycle]
	var metadata lifecycle
	if f.patched() || !f.tellsOfLastLayer(label) || json.Unmarshal([]byte(label), &metadata) != nil {
		return claim{}, false, nil
	}
	c, ok := metadata.claim()
	if !ok || metadata.RunImage.TopLayer == "" {
		return c, ok, nil
	}
	top := slices.Index(f.child.DiffIDs, metadata.RunImage.TopLayer)
	if top < 0 {
		return claim{}, false, f.contradiction(Buildpacks,
			fmt.Sprintf("%s, whose last layer it says is %.128q", c.says(), metadata.RunImage.TopLayer),
			Layers, "are without that one")
	}
	c.depth = top + 1
	return c, true, nil
}

// patched reports whether Respin made the image.
func (f *finder) patched() bool {
	return slices.ContainsFunc(f.annotations(), func(a map[string]string) bool { return ValidDigest(a[AnnotationSourceDigest]) })
}

func (f *finder) tellsOfLastLayer(label string) bool {
	count := len(f.child.DiffIDs)
	return count > 0 && strings.Contains(label, f.child.DiffIDs[count-1])
}

// claim takes the name of the run image whose repository is that of the reference, and the first where none is.
func (l lifecycle) claim() (claim, bool) {
	c := claim{evidence: Buildpacks, also: l.names()}
	used, err := ParseReference(l.RunImage.Reference)
	switch {
	case err == nil && used.Digest != "":
		c.records = []record{{used, Buildpacks}}
	case err == nil:
		c.also = append(c.also, used)
	}
	if len(c.also) == 0 {
		return claim{}, false
	}
	c.base = c.also[0]
	if at := slices.IndexFunc(c.also, func(r Reference) bool { return r.Repository == used.Repository }); at >= 0 {
		c.base = c.also[at]
	}
	return c, true
}

// names are the run image's that can be followed.
func (l lifecycle) names() []Reference {
	var found []Reference
	for _, run := range []runImage{l.RunImage.runImage, l.Stack.RunImage} {
		for _, name := range append([]string{run.Image}, run.Mirrors...) {
			ref, err := ParseReference(name)
			if err == nil && ref.Tag != "" && len(found) < maxMirrors {
				found = append(found, ref.WithDigest(""))
			}
		}
	}
	return found
}
