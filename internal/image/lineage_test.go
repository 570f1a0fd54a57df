package image

import (
	"errors"
	"strings"
	"testing"
)

var (
	amd64 = linux("amd64", "")
	arm64 = linux("arm64", "")
)

func TestFindLineage(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	pinned := material("debian:12@"+digestA, digestA)
	tests := map[string]struct {
		app      Image
		declared string
		bases    []Image
		base     string
		evidence Evidence
		digest   string
	}{
		"what is declared goes before everything": {
			app:      single(builtOn("alpine:3", digestC), debian),
			declared: "ubuntu:24.04", base: "ubuntu:24.04", evidence: Declared,
		},
		"a declared base takes its digest from annotations of the same name": {
			app:      single(builtOn("docker.io/library/debian:12", digestC), debian),
			declared: "debian:12", base: "debian:12", evidence: Declared, digest: digestC,
		},
		"a declared base takes its digest from provenance of the same name": {
			app:      single(nil, golang, pinned),
			declared: "debian:12", base: "debian:12", evidence: Declared, digest: digestA,
		},
		"annotations that cannot be read do not hurt a declared base": {
			app:      single(builtOn("Not/One:::", ""), debian),
			declared: "debian:12", base: "debian:12", evidence: Declared, digest: digestA,
		},
		"annotations go before provenance": {
			app:  single(builtOn("alpine:3", digestC), debian),
			base: "alpine:3", evidence: Annotations, digest: digestC,
		},
		"a name alone takes its digest from provenance of the same name": {
			app:  single(builtOn("debian:12", ""), golang, debian),
			base: "debian:12", evidence: Annotations, digest: digestA,
		},
		"a name with a digest records it": {
			app:  single(builtOn("debian:12@"+digestB, "")),
			base: "debian:12", evidence: Annotations, digest: digestB,
		},
		"a digest that is not one is not recorded": {
			app:  single(builtOn("debian:12", "sha256:x")),
			base: "debian:12", evidence: Annotations,
		},
		"the index's annotations count where the image has none": {
			app:  index(builtOn("debian:12", digestA), Child{Platform: amd64, Digest: digestC}),
			base: "debian:12", evidence: Annotations, digest: digestA,
		},
		"the image's own annotations go before the index's": {
			app: index(builtOn("debian:12", digestA),
				Child{Platform: amd64, Digest: digestC, Annotations: builtOn("debian:13", digestB)}),
			base: "debian:13", evidence: Annotations, digest: digestB,
		},
		"provenance with one image is believed": {
			app:  single(nil, debian, debian),
			base: "debian:12", evidence: Provenance, digest: digestA,
		},
		"tools of the build and stages on other platforms are not bases": {
			app: single(nil, material("docker/dockerfile:1", digestC), material("docker/buildkit-syft-scanner:stable-1", digestC),
				Material{golang.Reference, digestB, arm64}, debian),
			base: "debian:12", evidence: Provenance, digest: digestA,
		},
		"of several images the base is the one whose layers come first": {
			app:   single(nil, golang, debian),
			bases: []Image{layers(digestB, "x"), layers(digestA, "1")},
			base:  "debian:12", evidence: Provenance, digest: digestA,
		},
		"of several that come first the longest is the base": {
			app:   single(nil, golang, debian),
			bases: []Image{layers(digestB, "1", "2"), layers(digestA, "1")},
			base:  "golang:1.26", evidence: Provenance, digest: digestB,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var declared *Reference
			if tt.declared != "" {
				ref := mustParse(t, tt.declared)
				declared = &ref
			}
			got, err := FindLineage(tt.app, []Platform{amd64}, declared, tt.bases...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Base != mustParse(t, tt.base) || got.Evidence != tt.evidence || got.Digest != tt.digest {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestFindLineageRefuses(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	tests := map[string]struct {
		app       Image
		bases     []Image
		want      error
		message   string
		fetchable bool
	}{
		"an image that says nothing": {
			app: single(nil), want: ErrNoLineage, message: "spec.images[].base.image",
		},
		"annotations that cannot be read": {
			app: single(builtOn("https://x", "")), want: ErrNoLineage, message: "a reference has no scheme",
		},
		"an annotated base without a tag": {
			app: single(builtOn("debian@"+digestA, "")), want: ErrNoLineage, message: "never moves",
		},
		"an attested base without a tag": {
			app: single(nil, material("debian@"+digestA, digestA)), want: ErrNoLineage, message: "never moves",
		},
		"several images of which none was fetched": {
			app: single(nil, debian, golang), want: ErrAmbiguousLineage, message: "debian:12, golang:1.26", fetchable: true,
		},
		"several images of which one was fetched": {
			app: single(nil, debian, golang), bases: []Image{layers(digestA, "1")},
			want: ErrAmbiguousLineage, fetchable: true,
		},
		"several images whose layers it does not have": {
			app: single(nil, debian, golang), bases: []Image{layers(digestA, "x"), layers(digestB, "y")},
			want: ErrNoLineage, message: "none of theirs",
		},
		"several images, those without layers": {
			app: single(nil, debian, golang), bases: []Image{layers(digestA), layers(digestB)}, want: ErrNoLineage,
		},
		"several images with the same layers": {
			app: single(nil, debian, golang), bases: []Image{layers(digestA, "1"), layers(digestB, "1")},
			want: ErrAmbiguousLineage, message: "the same layers",
		},
		"platforms that have different bases": {
			app: index(nil,
				Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", "")},
				Child{Platform: arm64, Digest: digestB, Annotations: builtOn("debian:13", "")}),
			want: ErrAmbiguousLineage, message: "another platform",
		},
		"a platform that the image does not have": {
			app:  index(nil, Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", "")}),
			want: ErrPlatformMissing, message: "linux/arm64",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FindLineage(tt.app, []Platform{amd64, arm64}, nil, tt.bases...)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.message) {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.want)
			}
			var ambiguous *AmbiguousLineageError
			if errors.As(err, &ambiguous) != tt.fetchable {
				t.Errorf("fetching more would help: %v", !tt.fetchable)
			}
		})
	}
}

func TestEachPlatformHasItsOwnRecord(t *testing.T) {
	app := index(nil,
		Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", digestB)},
		Child{Platform: arm64, Digest: digestB, Annotations: builtOn("debian:12", digestC)})
	got, err := FindLineage(app, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.recordFor(amd64) != digestB || got.recordFor(arm64) != digestC || len(got.Digests()) != 2 {
		t.Errorf("got %+v", got.Records)
	}
}

func material(reference, digest string) Material {
	ref, err := ParseReference(reference)
	if err != nil {
		panic(err)
	}
	return Material{Reference: ref, Digest: digest}
}

func builtOn(name, digest string) map[string]string {
	return map[string]string{AnnotationBaseName: name, AnnotationBaseDigest: digest}
}

// single is an image for amd64 with three layers.
func single(annotations map[string]string, materials ...Material) Image {
	return Image{Digest: digestC, Children: []Child{{
		Platform: amd64, Digest: digestC, Annotations: annotations, DiffIDs: []string{"1", "2", "3"}, Materials: materials,
	}}}
}

func index(annotations map[string]string, children ...Child) Image {
	return Image{Digest: "index", Index: true, Annotations: annotations, Children: children}
}

func layers(digest string, diffIDs ...string) Image {
	return Image{Digest: digest, Children: []Child{{Platform: amd64, Digest: digest, DiffIDs: diffIDs}}}
}
