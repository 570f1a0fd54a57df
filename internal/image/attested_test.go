package image

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAnAttestedBase(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	layout := Material{Digest: digestC}
	wantA := []string{digestA}
	for name, tt := range map[string]looked{
		"that is the only image is believed, and wanted": {
			app:   single(nil, debian, debian),
			found: found{"debian:12", Provenance, Recorded, digestA, Provenance, wantA},
		},
		"that is the only image is believed where it cannot be had": {
			app: single(nil, debian), known: Known{Missing: wantA},
			found: found{"debian:12", Provenance, Recorded, digestA, Provenance, nil},
		},
		"that is the only image is proven by its layers": {
			app: single(nil, debian), known: Known{Fetched: []Image{layers(digestA, "d1 d2")}},
			found: found{"debian:12", Provenance, Proven, digestA, Provenance, nil},
		},
		"of which no digest was recorded is known by name": {
			app:   single(nil, Material{Reference: debian.Reference}),
			found: found{base: "debian:12", evidence: Provenance, certainty: Named},
		},
		"is no tool of the build, and no stage on another platform": {
			app: single(nil, material("docker/dockerfile:1", digestC), material("docker/buildkit-syft-scanner:stable-1", digestC),
				Material{golang.Reference, digestB, arm64}, debian),
			found: found{"debian:12", Provenance, Recorded, digestA, Provenance, wantA},
		},
		"is the one, of several images, whose layers come first": {
			app: single(nil, golang, debian), known: Known{Fetched: []Image{layers(digestB, "e1"), layers(digestA, "d1")}},
			found: found{"debian:12", Provenance, Proven, digestA, Provenance, nil},
		},
		"is the one, of several whose layers come first, with most of them": {
			app: single(nil, golang, debian), known: Known{Fetched: []Image{layers(digestB, "d1 d2"), layers(digestA, "d1")}},
			found: found{"golang:1.26", Provenance, Proven, digestB, Provenance, nil},
		},
		"needs no fetching where a policy names it": {
			app: single(nil, golang, debian),
			known: Known{Bases: slices.Concat(
				bases("golang:1.26", layers(digestB, "e1")), bases("debian:12", layers(digestA, "d1")))},
			found: found{"debian:12", Provenance, Proven, digestA, Provenance, nil},
		},
		"of one tag at two digests is one base": {
			app: single(nil, debian, material("debian:12", digestC)),
			known: Known{Fetched: []Image{
				layers(digestA, "d1"), layers(digestC, "d1")}},
			found: found{"debian:12", Provenance, Proven, digestA, Provenance, nil},
		},
		"from an OCI layout goes by the name that a policy has for its digest": {
			app: single(nil, golang, layout),
			known: Known{Fetched: []Image{layers(digestB, "e1")},
				Bases: bases("registry.example.com/base:1", layers(digestC, "d1 d2"))},
			found: found{"registry.example.com/base:1", Provenance, Proven, digestC, Provenance, nil},
		},
		"without a tag goes by the tag that a policy has for its digest": {
			app:   single(nil, material("debian@"+digestC, digestC)),
			known: Known{Bases: bases("debian:12", layers(digestC, "d1 d2"))},
			found: found{"debian:12", Provenance, Proven, digestC, Provenance, nil},
		},
	} {
		t.Run(name, tt.run)
	}
}

func TestAnAttestedBaseIsRefused(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	layout := Material{Digest: digestC}
	for name, tt := range map[string]struct {
		materials []Material
		known     Known
		want      error
		message   string
		wanted    []string
	}{
		"without a tag": {
			materials: []Material{material("debian@"+digestA, digestA)}, known: Known{Missing: []string{digestA}},
			want: ErrNoLineage, message: "never moves",
		},
		"from an OCI layout that no policy names": {
			materials: []Material{layout}, want: ErrNoLineage, message: "no name in a registry, " + digestC,
		},
		"of which nothing is known but that it was there": {
			materials: []Material{{}}, want: ErrNoLineage, message: "built on an image that has no name in a registry;",
		},
		"from an OCI layout that policies have two names for": {
			materials: []Material{layout},
			known: Known{Bases: slices.Concat(
				bases("debian:12", layers(digestC, "d1")), bases("debian:bookworm", layers(digestC, "d1")))},
			want: ErrAmbiguousLineage, message: "debian:12, debian:bookworm, which are one image",
		},
		"where several images went into the build and none was fetched": {
			materials: []Material{debian, golang}, want: ErrAmbiguousLineage, message: "debian:12, golang:1.26",
			wanted: []string{digestA, digestB},
		},
		"where several went into it and one was fetched": {
			materials: []Material{debian, golang}, known: Known{Fetched: []Image{layers(digestA, "d1")}},
			want: ErrAmbiguousLineage, message: "the layers of golang:1.26 are not known", wanted: []string{digestB},
		},
		"where several went into it and one cannot be had": {
			materials: []Material{debian, golang},
			known:     Known{Fetched: []Image{layers(digestA, "d1")}, Missing: []string{digestB}},
			want:      ErrAmbiguousLineage, message: "the layers of golang:1.26 are not known",
		},
		"where an OCI layout went into it beside another": {
			materials: []Material{debian, layout}, known: Known{Fetched: []Image{layers(digestA, "d1")}},
			want: ErrAmbiguousLineage, message: "not known",
		},
		"where it was a build stage only": {
			materials: []Material{golang}, known: Known{Fetched: []Image{layers(digestB, "e1")}},
			want: ErrNoLineage, message: "none of theirs",
		},
		"where several were build stages only": {
			materials: []Material{debian, golang},
			known:     Known{Fetched: []Image{layers(digestA, "e1"), layers(digestB, "e2")}},
			want:      ErrNoLineage, message: "none of theirs",
		},
		"where they have no layers": {
			materials: []Material{debian, golang},
			known:     Known{Fetched: []Image{layers(digestA, ""), layers(digestB, "")}}, want: ErrNoLineage,
		},
		"where two have the same layers": {
			materials: []Material{debian, golang},
			known:     Known{Fetched: []Image{layers(digestA, "d1"), layers(digestB, "d1")}},
			want:      ErrAmbiguousLineage, message: "the same layers",
		},
		"where more images went into it than can be compared": {
			materials: manyMaterials(), want: ErrAmbiguousLineage, message: "too many",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FindLineage(single(nil, tt.materials...), []Platform{amd64}, tt.known)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.message) {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.want)
			}
			if wanted := digestsOf(got.Wanted); !slices.Equal(wanted, tt.wanted) {
				t.Errorf("wanted are %q", wanted)
			}
			if got.Base != (Reference{}) {
				t.Errorf("there is a base, %v", got.Base)
			}
		})
	}
}

func manyMaterials() []Material {
	var all []Material
	for _, char := range "0123456789abcdef0" {
		name := string(char)
		all = append(all, material("r.example/a:"+name, layer(name+name)), material("r.example/b:"+name, layer(name+"b")))
	}
	return all
}
