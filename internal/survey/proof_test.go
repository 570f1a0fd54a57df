package survey

import (
	"context"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

var (
	amd64 = image.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = image.Platform{OS: "linux", Architecture: "arm64"}
)

func digest(char string) string { return "sha256:" + strings.Repeat(char, 64) }

// shelf is a registry of which a part may fail.
type shelf struct {
	images map[string]image.Image
	fails  map[string]registry.Kind
	read   []string // the layers that were asked for
}

func (s *shelf) Inspect(_ context.Context, ref image.Reference, _ []image.Platform) (image.Image, error) {
	found, ok := s.images[ref.Digest]
	if kind := s.fails[ref.Digest]; kind != "" || !ok {
		return image.Image{}, &registry.Error{Kind: max(kind, registry.NotFound), Reference: ref.Familiar(), Message: "the registry says so"}
	}
	return found, nil
}

func (s *shelf) Layers(_ context.Context, needed []safety.Layer) (safety.Facts, error) {
	facts := safety.Facts{}
	for _, layer := range needed {
		if kind := s.fails[layer.DiffID]; kind != "" {
			return nil, &registry.Error{Kind: kind, Reference: "registry.example.com/api", Message: "the layer is damaged"}
		}
		s.read = append(s.read, layer.DiffID)
		facts[layer.DiffID] = layers.Facts{DiffID: layer.DiffID}
	}
	return facts, nil
}

// child is an image for a platform whose layers have these characters for digests.
func child(p image.Platform, at string, diffIDs ...string) image.Child {
	c := image.Child{Platform: p, Digest: digest(at)}
	for _, char := range diffIDs {
		c.DiffIDs = append(c.DiffIDs, digest(char))
		c.Layers = append(c.Layers, image.Layer{Digest: digest(char), Size: 10, MediaType: "application/vnd.oci.image.layer.v1.tar"})
	}
	return c
}

func index(at string, children ...image.Child) image.Image {
	return image.Image{Digest: digest(at), Index: true, Children: children}
}

// An app for two platforms, on a base that has moved for both.
func library() *shelf {
	return &shelf{fails: map[string]registry.Kind{}, images: map[string]image.Image{
		digest("a"): index("a", child(amd64, "1", "b", "c"), child(arm64, "2", "d", "e")),
		digest("0"): index("0", child(amd64, "3", "b"), child(arm64, "4", "d")),
		digest("f"): index("f", child(amd64, "5", "8"), child(arm64, "6", "9")),
	}}
}

func theRebase() Rebase {
	return Rebase{
		Source: image.Reference{Repository: "registry.example.com/api", Digest: digest("a")},
		Base:   image.Reference{Repository: "registry.example.com/base", Tag: "12"},
		From:   map[string]string{"linux/amd64": digest("0"), "linux/arm64": digest("0")},
		To:     digest("f"),
	}
}

func TestProve(t *testing.T) {
	for sentence, test := range map[string]struct {
		change  func(*shelf, *Rebase)
		refused string // what the check Known says; empty where the rebase is proven
		fails   registry.Kind
		read    int
		allowed bool
	}{
		"both platforms are proven, from all layers": {read: 6},
		"a platform whose base has not moved stays as it is": {
			change: func(s *shelf, _ *Rebase) {
				s.images[digest("f")] = index("f", child(amd64, "5", "8"), child(arm64, "4", "d"))
			},
			read: 3,
		},
		"a base that was put back to what the image was built on": {
			change:  func(_ *shelf, of *Rebase) { of.To = digest("0") },
			allowed: true,
		},
		"an image that was made from it": {
			change: func(s *shelf, of *Rebase) {
				s.images[digest("7")] = index("7", child(amd64, "1", "8", "c"), child(arm64, "2", "9", "e"))
				of.Running = image.Reference{Repository: "registry.example.com/patched", Digest: digest("7")}
			},
			read: 6,
		},
		"an image that says so, and has other layers": {
			change: func(s *shelf, of *Rebase) {
				s.images[digest("7")] = index("7", child(amd64, "1", "8", "c"), child(arm64, "2", "9", "6"))
				of.Running = image.Reference{Repository: "registry.example.com/patched", Digest: digest("7")}
			},
			refused: "does not have its layers",
		},
		"an image of another repository where there are no layers to tell by": {
			change: func(s *shelf, of *Rebase) {
				s.images[digest("a")] = index("a", child(amd64, "1", "b"))
				s.images[digest("7")] = index("7", child(amd64, "1", "8"))
				of.Running = image.Reference{Repository: "registry.example.com/patched", Digest: digest("7")}
			},
			refused: "does not have its layers",
		},
		"two images for one platform": {
			change: func(s *shelf, _ *Rebase) {
				s.images[digest("a")] = index("a", child(amd64, "1", "b", "c"), child(amd64, "2", "b", "e"))
			},
			refused: "more than one image for it",
		},
		"a layer that the registry does not show any more says nothing of the rebase": {
			change: func(s *shelf, _ *Rebase) { s.fails[digest("c")] = registry.Denied }, fails: registry.Denied,
		},
		"a platform that the new base lost": {
			change:  func(s *shelf, _ *Rebase) { s.images[digest("f")] = index("f", child(amd64, "5", "8")) },
			refused: "is not published for linux/arm64 any more",
		},
		"a base digest that nothing recorded": {
			change:  func(_ *shelf, of *Rebase) { delete(of.From, "linux/arm64") },
			refused: "not recorded on which digest of registry.example.com/base:12",
		},
		"an old base that is gone": {
			change: func(s *shelf, _ *Rebase) { delete(s.images, digest("0")) }, refused: "cannot be read any more",
		},
		"an old base that is for another platform": {
			change:  func(s *shelf, _ *Rebase) { s.images[digest("0")] = index("0", child(amd64, "3", "b")) },
			refused: "holds no image for linux/arm64",
		},
		"an original that is gone": {
			change: func(s *shelf, _ *Rebase) { delete(s.images, digest("a")) }, refused: "the image to start from cannot be read",
		},
		"a layer that is damaged": {
			change: func(s *shelf, _ *Rebase) { s.fails[digest("c")] = registry.BadContent }, refused: "the layer is damaged",
		},
		"a registry that is away says nothing of the rebase": {
			change: func(s *shelf, _ *Rebase) { s.fails[digest("f")] = registry.Unreachable }, fails: registry.Unreachable,
		},
		"nor does one that is away when the layers are read": {
			change: func(s *shelf, _ *Rebase) { s.fails[digest("c")] = registry.Unreachable }, fails: registry.Unreachable,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, of := library(), theRebase()
			if test.change != nil {
				test.change(s, &of)
			}
			results, err := Prove(t.Context(), s, of)
			if registry.KindOf(err) != test.fails {
				t.Fatalf("the error is %v", err)
			}
			if err != nil {
				return
			}
			if refused := saysKnown(results); (refused == "") != (test.refused == "") || !strings.Contains(refused, test.refused) {
				t.Errorf("it is refused because %q, want %q", refused, test.refused)
			}
			if test.allowed && !safety.Allowed(results) {
				t.Errorf("it is refused: %+v", results)
			}
			if test.refused != "" && safety.Allowed(results) {
				t.Error("it is allowed all the same")
			}
			if test.read > 0 && len(s.read) != test.read {
				t.Errorf("%d layers were read, want %d", len(s.read), test.read)
			}
		})
	}
}

// saysKnown is what the check Known refuses for.
func saysKnown(results []safety.Result) string {
	for _, result := range results {
		if result.Check == Known && !result.Passed {
			return result.Reason
		}
	}
	return ""
}
