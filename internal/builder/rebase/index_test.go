package rebase_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
)

// based puts an index of bases into the base's repository: a layer for each platform, as in "linux/amd64 a".
func (w world) based(children ...string) image.Reference {
	return w.indexOf(baseRepository, nil, children...)
}

// indexOf does the same in any repository; each child may have several layers, and they begin with none of its own.
func (w world) indexOf(repository string, more []ocispec.Descriptor, children ...string) image.Reference {
	w.t.Helper()
	var entries []ocispec.Descriptor
	for _, child := range children {
		platform, layers, _ := strings.Cut(child, " ")
		ref := w.push(repository, made{platform: platform, layers: strings.Fields(layers)})
		entries = append(entries, w.entry(ref, platform))
	}
	return w.index(repository, append(entries, more...)...)
}

// attestation is an entry of BuildKit's form about another one, with the manifest behind it.
func (w world) attestation(repository string, about digest.Digest) ocispec.Descriptor {
	entry := w.entry(w.push(repository, made{layers: []string{"about-" + about.Encoded()}}), "unknown/unknown")
	entry.Annotations = map[string]string{
		"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": about.String(),
	}
	return entry
}

// summary tells of a rebased index as a person would: each image with its layers, and what else is in the index.
func (w world) summary(result image.Reference) (images map[string]string, others int) {
	images = map[string]string{}
	for _, entry := range read[ocispec.Index](w, result).Manifests {
		if entry.Platform.OS == "unknown" {
			others++
			continue
		}
		platform := strings.TrimSuffix(entry.Platform.OS+"/"+entry.Platform.Architecture+"/"+entry.Platform.Variant, "/")
		child := result.WithDigest(entry.Digest.String())
		images[platform] = strings.Join(w.named(read[ocispec.Manifest](w, child)), " ")
	}
	return images, others
}

func TestEachImageOfAnIndexGetsItsOwnPlatformsBase(t *testing.T) {
	for name, test := range map[string]struct {
		old, app, new []string
		want          map[string]string
		attestations  int
	}{
		"two platforms": {
			old: []string{"linux/amd64 a", "linux/arm64 b"}, app: []string{"linux/amd64 a x", "linux/arm64 b y"},
			new:  []string{"linux/arm64 d", "linux/amd64 c"},
			want: map[string]string{"linux/amd64": "c x", "linux/arm64": "d y"}, attestations: 2,
		},
		"a base that moved for one platform only": {
			old: []string{"linux/amd64 a", "linux/arm64 b"}, app: []string{"linux/amd64 a x", "linux/arm64 b y"},
			new:  []string{"linux/amd64 c", "linux/arm64 b"},
			want: map[string]string{"linux/amd64": "c x", "linux/arm64": "b y"}, attestations: 1,
		},
		"a base that moved for another platform only": {
			old: []string{"linux/amd64 a", "linux/arm64 b"}, app: []string{"linux/amd64 a x"}, new: []string{"linux/amd64 a", "linux/arm64 c"},
			want: map[string]string{"linux/amd64": "a x"},
		},
		"variants": {
			old: []string{"linux/arm/v5 a", "linux/arm/v7 b"}, app: []string{"linux/arm/v7 b x"}, new: []string{"linux/arm/v5 c", "linux/arm/v7 d"},
			want: map[string]string{"linux/arm/v7": "d x"}, attestations: 1,
		},
		"a base that says less of its variant": {
			old: []string{"linux/arm64 a"}, app: []string{"linux/arm64/v8 a x"}, new: []string{"linux/arm64 b"},
			want: map[string]string{"linux/arm64": "b x"}, attestations: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			source := w.indexOf(appRepository, nil, test.app...)
			result := w.build(request(source, w.based(test.old...), w.based(test.new...)))
			images, attestations := w.summary(result)
			if !maps.Equal(images, test.want) || attestations != test.attestations {
				t.Errorf("got %q with %d attestations, want %q with %d", images, attestations, test.want, test.attestations)
			}
		})
	}
}

func TestASingleBaseServesAnIndexOfItsPlatform(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/amd64 a x")
	images, _ := w.summary(w.build(request(source, w.push(baseRepository, made{layers: []string{"a"}}), w.based("linux/amd64 b"))))
	if images["linux/amd64"] != "b x" {
		t.Errorf("got %q", images)
	}
}

func TestAnEntryThatDoesNotSayItsPlatformIsLookedInto(t *testing.T) {
	w := newWorld(t)
	silent := func(layers ...string) image.Reference {
		arm := w.entry(w.push(baseRepository, made{platform: "linux/arm64", layers: []string{"arm"}}), "")
		amd := w.entry(w.push(baseRepository, made{layers: layers}), "")
		return w.index(baseRepository, arm, amd)
	}
	source := w.index(appRepository, w.entry(w.push(appRepository, made{layers: []string{"a", "x"}}), ""))
	plan := w.plan(request(source, silent("a"), silent("b")))
	if got := plan.Images[0].Platform.String(); len(plan.Images) != 1 || got != "linux/amd64" {
		t.Errorf("got %d images, the first for %s", len(plan.Images), got)
	}
}

func TestPlatformsOnOtherOldBases(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/arm64 b y")
	old, older := w.based("linux/amd64 a", "linux/arm64 z"), w.based("linux/amd64 z", "linux/arm64 b")
	to := w.based("linux/amd64 c", "linux/arm64 d")
	want := map[string]string{"linux/amd64": "c x", "linux/arm64": "d y"}
	apart := request(source, old, to)
	apart.Base.FromPlatforms = map[string]string{"linux/arm64/v8": older.Digest}
	either := request(source, old, to)
	either.Base.From = []string{old.Digest, digest.FromString("gone").String(), older.Digest}
	for name, req := range map[string]builder.Request{"told for each platform": apart, "one of several, some of them gone": either} {
		if images, _ := w.summary(w.build(req)); !maps.Equal(images, want) {
			t.Errorf("%s: got %q, want %q", name, images, want)
		}
	}
}

func TestOnlyTheWantedPlatformsAreInTheResult(t *testing.T) {
	w := newWorld(t)
	req := request(w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/arm64 b y"), w.based("linux/amd64 a"), w.based("linux/amd64 c"))
	req.Platforms = []string{"linux/amd64"}
	plan := w.plan(req)
	if len(plan.Images) != 1 || len(plan.LeftOut) != 1 || !strings.Contains(plan.LeftOut[0], "linux/arm64, which is not wanted") {
		t.Errorf("got %d images, and left out %q", len(plan.Images), plan.LeftOut)
	}
}

func TestAnImageMayBeCalledAnArtifactOfItsConfigsType(t *testing.T) {
	w := newWorld(t)
	entry := w.entry(w.push(appRepository, made{layers: []string{"a", "x"}}), "linux/amd64")
	entry.ArtifactType = ocispec.MediaTypeImageConfig // as go-containerregistry writes it
	req := request(w.index(appRepository, entry), w.based("linux/amd64 a"), w.based("linux/amd64 b"))
	if images := w.plan(req).Images; len(images) != 1 {
		t.Errorf("got %d images", len(images))
	}
}

func TestAttestationsStayOnlyWithImagesThatStay(t *testing.T) {
	for name, repository := range map[string]string{"in its own repository": appRepository, "in another one": "registry.example.com/mirror/app"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			amd := w.entry(w.push(appRepository, made{layers: []string{"a", "x"}}), "linux/amd64")
			arm := w.entry(w.push(appRepository, made{platform: "linux/arm64", layers: []string{"b", "y"}}), "linux/arm64")
			true1, false1 := w.attestation(appRepository, arm.Digest), w.attestation(appRepository, amd.Digest)
			stray := w.attestation(appRepository, digest.FromString("elsewhere"))
			soci := w.entry(w.push(appRepository, made{layers: []string{"ztoc"}}), "")
			soci.ArtifactType = "application/vnd.amazon.soci.index.v2+json"
			source := w.index(appRepository, amd, arm, true1, false1, stray, soci)
			req := request(source, w.based("linux/amd64 a", "linux/arm64 b"), w.based("linux/amd64 c", "linux/arm64 b"))
			req.Output = repository + ":1"
			got := read[ocispec.Index](w, w.build(req)).Manifests
			about := func(e ocispec.Descriptor) string { return e.Annotations["vnd.docker.reference.digest"] }
			if len(got) != 4 || got[1].Digest != arm.Digest || got[3].Digest != true1.Digest && got[2].Digest != true1.Digest {
				t.Fatalf("got the entries %+v", got)
			}
			if slices.ContainsFunc(got, func(e ocispec.Descriptor) bool { return about(e) == amd.Digest.String() }) {
				t.Error("an attestation of the old image tells of nothing here")
			}
			if left := w.plan(req).LeftOut; len(left) != 3 {
				t.Errorf("left out %q", left)
			}
		})
	}
}

func TestIndexesThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		source func(w world) image.Reference
		new    []string
		want   []string
	}{
		"the new base lost a platform": {
			func(w world) image.Reference {
				return w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/s390x b x")
			},
			[]string{"linux/amd64 c"}, []string{"linux/s390x", "is not published for that platform"},
		},
		"all that is wrong with each platform is told": {
			func(w world) image.Reference {
				return w.indexOf(appRepository, nil, "linux/amd64 z x", "linux/s390x b x")
			},
			[]string{"linux/amd64 c"}, []string{"linux/s390x: ", "linux/amd64: its layers do not begin"},
		},
		"an index in the index": {
			func(w world) image.Reference {
				inner := w.indexOf(appRepository, nil, "linux/arm64 b x")
				return w.indexOf(appRepository, []ocispec.Descriptor{w.entry(inner, "")}, "linux/amd64 a x")
			},
			[]string{"linux/amd64 c"}, []string{"holds another index"},
		},
		"an index that an entry calls an image": {
			func(w world) image.Reference {
				inner := w.entry(w.indexOf(appRepository, nil, "linux/arm64 b x"), "linux/amd64")
				inner.MediaType = ocispec.MediaTypeImageManifest
				return w.index(appRepository, inner)
			},
			[]string{"linux/amd64 c"}, []string{"it is an index where its index says that it is an image"},
		},
		"an index without images": {
			func(w world) image.Reference {
				return w.index(appRepository, w.attestation(appRepository, digest.FromString("a")))
			},
			[]string{"linux/amd64 c"}, []string{"0 are images"},
		},
		"an index with too many images": {
			func(w world) image.Reference {
				entry := w.entry(w.push(appRepository, made{layers: []string{"a", "x"}}), "linux/amd64")
				return w.index(appRepository, slices.Repeat([]ocispec.Descriptor{entry}, 65)...)
			},
			[]string{"linux/amd64 c"}, []string{"65 are images"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			req := request(test.source(w), w.based("linux/amd64 a", "linux/s390x b"), w.based(test.new...))
			_, err := w.builder().Build(context.Background(), req, nil)
			var refused *builder.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a refusal", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to say %q", err, want)
				}
			}
			if w.count("P") != 0 {
				t.Errorf("it wrote: %q", w.requests)
			}
		})
	}
}

func TestAPlatformThatTheSourceDoesNotHaveIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, source := range map[string]image.Reference{
		"index": w.indexOf(appRepository, nil, "linux/amd64 a x"), "single": w.push(appRepository, made{layers: []string{"a", "x"}}),
	} {
		req := request(source, w.based("linux/amd64 a"), w.based("linux/amd64 b"))
		req.Platforms = []string{"linux/amd64", "linux/arm64"}
		if _, err := w.builder().Plan(t.Context(), req); err == nil || !strings.Contains(err.Error(), "not made for linux/arm64") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestADockerListStaysOneUnlessItIsAnnotated(t *testing.T) {
	for name, test := range map[string]struct {
		annotations map[string]string
		want        string
	}{
		"as it was": {nil, dockerList}, "annotated": {map[string]string{"a": "b"}, ocispec.MediaTypeImageIndex},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			entry := w.entry(w.push(appRepository, made{layers: []string{"a", "x"}, docker: true}), "linux/amd64")
			source := w.manifest(appRepository, dockerList, ocispec.Index{MediaType: dockerList, Manifests: []ocispec.Descriptor{entry}})
			req := request(source, w.based("linux/amd64 a"), w.based("linux/amd64 b"))
			req.Annotations = test.annotations
			result := w.build(req)
			index := read[ocispec.Index](w, result)
			if index.MediaType != test.want || len(index.Manifests) != 1 {
				t.Errorf("got a %s with %d entries", index.MediaType, len(index.Manifests))
			}
			if images, _ := w.summary(result); images["linux/amd64"] != "b x" {
				t.Errorf("got %q", images)
			}
		})
	}
}

func TestAnnotationsTellOfTheOrigin(t *testing.T) {
	w := newWorld(t)
	own := map[string]string{"org.example": "1", image.AnnotationBaseName: "stale", "dev.respin.source.name": "stale"}
	entry := w.entry(w.push(appRepository, made{layers: []string{"a", "x"}, annotations: own}), "linux/amd64")
	entry.Annotations = own
	source := w.manifest(appRepository, ocispec.MediaTypeImageIndex, ocispec.Index{
		MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{entry}, Annotations: own,
	})
	req := request(source, w.based("linux/amd64 a"), w.based("linux/amd64 b"))
	result := w.build(req)
	want := maps.Clone(req.Annotations)
	want["org.example"] = "1"
	index := read[ocispec.Index](w, result)
	child := read[ocispec.Manifest](w, result.WithDigest(index.Manifests[0].Digest.String()))
	for what, got := range map[string]map[string]string{"index": index.Annotations, "image": child.Annotations} {
		if !maps.Equal(got, want) {
			t.Errorf("the %s has %q, want %q", what, got, want)
		}
	}
	if got := index.Manifests[0].Annotations; !maps.Equal(got, map[string]string{"org.example": "1"}) {
		t.Errorf("the entry has %q", got)
	}
}

func TestWindowsEntriesHaveTheNewBasesBuild(t *testing.T) {
	w := newWorld(t)
	put := func(repository, version string, layers ...string) image.Reference {
		top := `{"os.version":"` + version + `"}`
		entry := w.entry(w.push(repository, made{platform: "windows/amd64", layers: layers, top: top}), "windows/amd64")
		entry.Platform.OSVersion, entry.Platform.OSFeatures = version, []string{"win32k"}
		return w.index(repository, entry)
	}
	source := put(appRepository, "10.0.20348.1", "a", "x")
	result := w.build(request(source, put(baseRepository, "10.0.20348.1", "a"), put(baseRepository, "10.0.20348.2", "b")))
	if got := read[ocispec.Index](w, result).Manifests[0].Platform; got.OSVersion != "10.0.20348.2" || len(got.OSFeatures) != 0 {
		t.Errorf("got %+v", got)
	}
	_, err := w.builder().Plan(t.Context(), request(source, put(baseRepository, "10.0.20348.1", "a"), put(baseRepository, "10.0.26100.1", "b")))
	if err == nil || !strings.Contains(err.Error(), "not published for that platform") {
		t.Errorf("another build of Windows: got %v", err)
	}
}

func TestOneImageForTwoPlatformsIsPushedOnce(t *testing.T) {
	w := newWorld(t)
	twice := func(repository string, layers ...string) image.Reference {
		ref := w.push(repository, made{platform: "linux/arm", layers: layers})
		return w.index(repository, w.entry(ref, "linux/arm/v6"), w.entry(ref, "linux/arm/v7"))
	}
	result := w.build(request(twice(appRepository, "a", "x"), twice(baseRepository, "a"), twice(baseRepository, "b")))
	entries := read[ocispec.Index](w, result).Manifests
	if len(entries) != 4 || entries[0].Digest != entries[1].Digest || entries[2].Digest == entries[3].Digest {
		t.Fatalf("got %+v", entries)
	}
	if got := w.in(appRepository).tags["sha256-"+entries[0].Digest.Encoded()+".att"]; got != entries[2].Digest.String() {
		t.Errorf("the attestation's tag stands at %s, want the first", got)
	}
	if got := w.count("PUT " + appRepository + "/manifests/" + entries[0].Digest.String()); got != 1 {
		t.Errorf("the image was put %d times", got)
	}
}
