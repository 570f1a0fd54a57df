package patchpolicy

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
)

var amd64 = image.Platform{OS: "linux", Architecture: "amd64"}

func digest(char string) string { return "sha256:" + strings.Repeat(char, 64) }

// shelf is a registry with what a test puts in it. What is not there is not found.
type shelf struct {
	tags      map[string]string
	images    map[string]image.Image
	materials map[string][]image.Material
	fails     map[string]registry.Kind // by tag or digest
	asked     []string
}

func (s *shelf) fail(ref image.Reference, key string) error {
	if kind := s.fails[key]; kind != "" {
		return &registry.Error{Kind: kind, Reference: ref.String(), Message: "as the test wants"}
	}
	return nil
}

func (s *shelf) Digest(_ context.Context, ref image.Reference, _ time.Time) (registry.Resolved, error) {
	s.asked = append(s.asked, ref.Familiar())
	found := registry.Resolved{Digest: s.tags[ref.Familiar()], CheckedAt: noon}
	if found.Digest == "" {
		return found, &registry.Error{Kind: registry.NotFound, Reference: ref.String()}
	}
	return found, s.fail(ref, ref.Familiar())
}

func (s *shelf) Inspect(_ context.Context, ref image.Reference, _ []image.Platform) (image.Image, error) {
	s.asked = append(s.asked, ref.Digest)
	found, ok := s.images[ref.Digest]
	if !ok {
		return found, &registry.Error{Kind: registry.NotFound, Reference: ref.String()}
	}
	return found, s.fail(ref, ref.Digest)
}

func (s *shelf) Provenance(_ context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	s.asked = append(s.asked, "provenance of "+ref.Digest)
	inspected.Children = slices.Clone(inspected.Children)
	for i := range inspected.Children {
		inspected.Children[i].Materials = s.materials[ref.Digest]
	}
	return inspected, nil
}

func made(digest string, layers ...string) image.Image {
	return image.Image{Digest: digest, Children: []image.Child{{Platform: amd64, Digest: digest, DiffIDs: layers}}}
}

// index is one of a single image with a digest of its own.
func index(digest string, child image.Image) image.Image {
	return image.Image{Digest: digest, Index: true, Children: child.Children}
}

func material(tag, digest string) image.Material {
	return image.Material{Reference: debian(tag), Digest: digest}
}

func TestWhatIsGatheredOfAnImage(t *testing.T) {
	app, appIndex, oldBase, newBase := digest("a"), digest("1"), digest("b"), digest("c")
	declared := debian("12")
	for sentence, test := range map[string]struct {
		change  func(*shelf, *image.Image)
		rule    plan.Rule
		base    string
		from    string
		problem string
	}{
		"the declared base, without a record": {
			rule: plan.Rule{Base: &declared}, base: "debian:12",
		},
		"the base that the annotations name, with its digest": {
			change: func(_ *shelf, i *image.Image) {
				i.Annotations = map[string]string{image.AnnotationBaseName: "debian:12", image.AnnotationBaseDigest: oldBase}
			},
			base: "debian:12", from: oldBase,
		},
		"the base that the provenance names": {
			change: func(s *shelf, i *image.Image) {
				i.Index = true
				s.materials[app] = []image.Material{material("12", oldBase)}
			},
			base: "debian:12", from: oldBase,
		},
		"of two that went into it, the one that it stands on": {
			change: func(s *shelf, i *image.Image) {
				i.Index = true
				s.materials[app] = []image.Material{material("13", newBase), material("12", oldBase)}
			},
			base: "debian:12", from: oldBase,
		},
		"of two that went into it and are not there any more, none": {
			change: func(s *shelf, i *image.Image) {
				i.Index = true
				s.materials[app] = []image.Material{material("13", digest("e")), material("12", digest("f"))}
			},
			problem: respinv1alpha1.ReasonAmbiguousLineage,
		},
		"the provenance of the index, where the node tells of the image in it": {
			change: func(s *shelf, i *image.Image) {
				s.tags["registry.example.com/api:1"] = appIndex
				s.images[appIndex] = index(appIndex, *i)
				s.materials[appIndex] = []image.Material{material("12", oldBase)}
			},
			base: "debian:12", from: oldBase,
		},
		"nothing of an index that the tag has moved on to": {
			change: func(s *shelf, _ *image.Image) {
				s.tags["registry.example.com/api:1"] = appIndex
				s.images[appIndex] = index(appIndex, made(digest("9")))
				s.materials[appIndex] = []image.Material{material("12", oldBase)}
			},
			problem: respinv1alpha1.ReasonNoLineage,
		},
		"no lineage": {problem: respinv1alpha1.ReasonNoLineage},
		"an image that the registry does not have": {
			change: func(s *shelf, _ *image.Image) { s.fails[app] = registry.NotFound }, problem: respinv1alpha1.ReasonNotFound,
		},
		"a base that the registry does not show": {
			change: func(s *shelf, _ *image.Image) { s.fails["debian:12"] = registry.Denied },
			rule:   plan.Rule{Base: &declared}, problem: respinv1alpha1.ReasonDenied, base: "debian:12",
		},
		"a rule that is wrong": {
			rule: plan.Rule{Problem: &plan.Problem{Reason: respinv1alpha1.ReasonInvalidReference}}, problem: respinv1alpha1.ReasonInvalidReference,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := &shelf{
				tags:      map[string]string{"debian:12": newBase},
				images:    map[string]image.Image{oldBase: made(oldBase, "old"), newBase: made(newBase, "new")},
				materials: map[string][]image.Material{}, fails: map[string]registry.Kind{},
			}
			of := made(app, "old", "app")
			if test.change != nil {
				test.change(s, &of)
			}
			s.images[app] = of
			facts := gathering(s).about(t.Context(), plan.AppImage{
				Ref: image.Reference{Repository: "registry.example.com/api", Tag: "1", Digest: app}, Platforms: []image.Platform{amd64},
			}, &test.rule)

			reason, base := "", ""
			if facts.Problem != nil {
				reason = facts.Problem.Reason
			}
			if facts.Lineage.Base.Repository != "" {
				base = facts.Lineage.Base.Familiar()
			}
			if reason != test.problem || base != test.base || facts.Lineage.Digest != test.from {
				t.Errorf("the base is %q from %q, with the problem %+v", base, facts.Lineage.Digest, facts.Problem)
			}
			if reason == "" && (facts.Base.Digest != newBase || facts.Image.Digest != app) {
				t.Errorf("%s is compared with %s", facts.Image.Digest, facts.Base.Digest)
			}
		})
	}
}

// Layers is Registry's: of these images there is nothing but what their manifests say.
func (s *shelf) Layers(context.Context, []safety.Layer) (safety.Facts, error) {
	return safety.Facts{}, nil
}

func gathering(s *shelf) *gatherer {
	return &gatherer{patient: patient{Registry: s, failures: &failures{}, silent: map[string]error{}, now: noon, notBefore: noon}}
}

func TestABaseIsAskedForOnceForAllImagesOnIt(t *testing.T) {
	declared := debian("12")
	s := &shelf{tags: map[string]string{"debian:12": digest("c")}, images: map[string]image.Image{digest("c"): made(digest("c"), "new")}}
	g := gathering(s)
	for _, char := range []string{"1", "2", "3"} {
		s.images[digest(char)] = made(digest(char), "old", char)
		g.about(t.Context(), plan.AppImage{Ref: image.Reference{Repository: "registry.example.com/api" + char, Digest: digest(char)}}, &plan.Rule{Base: &declared})
	}
	if len(g.result.bases) != 1 || g.result.bases[0].images != 3 {
		t.Errorf("the bases are %+v", g.result.bases)
	}
	if count := len(slices.DeleteFunc(s.asked, func(what string) bool { return what != "debian:12" })); count != 1 {
		t.Errorf("it was asked for %d times", count)
	}
}

func TestOldDigestsOfABaseAreLookedAtWhereTheyAreStillThere(t *testing.T) {
	now, then := index(digest("c"), made(digest("d"))), index(digest("b"), made(digest("d")))
	for sentence, test := range map[string]struct {
		fails    registry.Kind
		recorded int
		err      bool
	}{
		"one that is there":               {"", 1, false},
		"one that is gone":                {registry.NotFound, 0, false},
		"one that may not be read":        {registry.Denied, 0, false},
		"one that is no image any more":   {registry.BadContent, 0, false},
		"one of which there is no answer": {registry.Unreachable, 0, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := &shelf{images: map[string]image.Image{then.Digest: then}, fails: map[string]registry.Kind{then.Digest: test.fails}}
			facts := plan.Facts{Base: now, Lineage: image.Lineage{Base: debian("12"), Records: []image.Record{{Digest: then.Digest}, {Digest: now.Digest}}}}
			err := gathering(s).recorded(t.Context(), nil, &facts)
			if (err != nil) != test.err || len(facts.Recorded) != test.recorded {
				t.Errorf("recorded are %v, with %v", facts.Recorded, err)
			}
		})
	}
}
