package image

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestContradictions(t *testing.T) {
	debian, golang, python := material("debian:12", digestA), material("golang:1.26", digestB), material("python:3", digestC)
	wrong := Known{Fetched: []Image{layers(digestA, "e1")}}
	for sentence, tt := range map[string]struct {
		app   Image
		known Known
		one   string
		other string
	}{
		"the annotations name an image that the provenance does not list": {
			app: single(builtOn("debian:12", digestA), golang, python), known: Known{Missing: []string{digestA}},
			one: "the image's annotations name debian:12 at " + digestA, other: "the image's provenance names only golang:1.26, python:3",
		},
		"the annotations name an image without a digest that the provenance does not list": {
			app: single(builtOn("debian:12", ""), golang),
			one: "the image's annotations name debian:12 and", other: "the image's provenance names only golang:1.26",
		},
		"the annotations name a digest, and the layers begin with those of the same tag at another": {
			app:   single(builtOn("debian:12", digestA)),
			known: Known{Fetched: wrong.Fetched, Bases: bases("debian:12", layers(digestC, "d1"))},
			one:   "annotations name debian:12 at " + digestA, other: "layers begin with those of debian:12 at " + digestC,
		},
		"the annotations name one base, and the layers begin with those of another": {
			app:   single(builtOn("debian:12", digestA)),
			known: Known{Fetched: wrong.Fetched, Bases: bases("alpine:3", layers(digestC, "d1"))},
			one:   "annotations name debian:12", other: "layers begin with those of alpine:3",
		},
		"the annotations name one base, and the layers begin with those of another that the provenance lists": {
			app:   single(builtOn("debian:12", digestA), debian, python),
			known: Known{Fetched: append(wrong.Fetched, layers(digestC, "d1 d2")), Bases: bases("alpine:3", layers(digestB, "d1"))},
			one:   "annotations name debian:12", other: "layers begin with those of python:3",
		},
		"the annotations and the provenance have two digests for a tag, and the layers are those of the latter": {
			app:   single(builtOn("debian:12", digestA), material("debian:12", digestC)),
			known: Known{Fetched: append(wrong.Fetched, layers(digestC, "d1 d2"))},
			one:   "annotations name debian:12 at " + digestA, other: "layers begin with those of debian:12 at " + digestC,
		},
		"the provenance names one base, and the layers begin with those of another": {
			app:   single(nil, debian),
			known: Known{Fetched: wrong.Fetched, Bases: bases("alpine:3", layers(digestC, "d1"))},
			one:   "provenance names only debian:12", other: "layers begin with those of alpine:3 at " + digestC,
		},
		"the annotations name one base, and the label of buildpacks another": {
			app:   with(packed("d1 d2 a6"), builtOn("debian:12", digestB)),
			known: Known{Missing: []string{digestB}},
			one:   "annotations name debian:12", other: "label io.buildpacks.lifecycle.metadata names only paketobuildpacks/run:base-cnb",
		},
		"the label of buildpacks names an image that the provenance does not list": {
			app: with(packed("d1 d2 a6"), nil, golang), known: Known{Missing: []string{digestA}},
			one: "metadata names paketobuildpacks/run:base-cnb at " + digestA, other: "provenance names only golang:1.26",
		},
		"the label of buildpacks has a last layer that the image does not have": {
			app: packed("e1 e2 a6"),
			one: "whose last layer it says is \"" + layer("d2") + "\"", other: "the image's layers are without that one",
		},
		"the label of buildpacks has a last layer that the image does not have, whatever the annotations name": {
			app: with(packed("e1 e2 a6"), builtOn("debian:12", "")),
			one: "metadata names paketobuildpacks/run:base-cnb", other: "the image's layers are without that one",
		},
		"the label of buildpacks names a base, and the layers begin with those of another": {
			app: packed("d1 d2 a6"),
			known: Known{Fetched: wrong.Fetched,
				Bases: bases("paketobuildpacks/run:base-cnb", layers(digestC, "d1 d2"))},
			one: "names paketobuildpacks/run:base-cnb at " + digestA, other: "layers begin with those of paketobuildpacks/run:base-cnb at " + digestC,
		},
		"platforms have different bases": {
			app: index(nil,
				Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", "")},
				Child{Platform: arm64, Digest: digestB, Annotations: builtOn("debian:13", "")}),
			one: "for linux/amd64 the image's annotations name debian:12", other: "for linux/arm64 the image's annotations name debian:13",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := FindLineage(tt.app, nil, tt.known)
			var contradicting *ContradictingLineageError
			if !errors.As(err, &contradicting) || !errors.Is(err, ErrContradictingLineage) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if len(got.Wanted) != 0 || got.Base != (Reference{}) {
				t.Errorf("that is not final: %+v", got)
			}
			one, other := contradicting.One.String(), contradicting.Other.String()
			if !strings.Contains(one+" and", tt.one) || !strings.Contains(other, tt.other) {
				t.Errorf("%q contradicts %q", one, other)
			}
			if text := err.Error(); !strings.Contains(text, one) || !strings.Contains(text, other) || !strings.Contains(text, "declare") {
				t.Errorf("it says %q", text)
			}
		})
	}
}

func TestWhatIsNoContradiction(t *testing.T) {
	golang, layout := material("golang:1.26", digestB), Material{Digest: digestC}
	wantA := []string{digestA}
	gone := Known{Missing: wantA}
	annotated := found{"debian:12", Annotations, Recorded, digestA, Annotations, nil}
	for sentence, tt := range map[string]looked{
		"annotations and provenance for one base, as Docker's official images have them": {
			app:   single(builtOn("docker.io/library/debian:12", digestA), golang, material("debian:12", digestA)),
			known: gone, found: annotated,
		},
		"an annotated base that is on the provenance's list by its repository": {
			app: single(builtOn("debian:12", digestA), golang, material("debian:bookworm", digestC)), known: gone, found: annotated,
		},
		"an annotated base that is on the list under another name, by its digest": {
			app: single(builtOn("debian:12", digestA), golang, material("mirror.example.com/debian:12", digestA)), known: gone, found: annotated,
		},
		"an annotated base that may be an OCI layout on the list": {
			app: single(builtOn("debian:12", digestA), golang, layout), known: gone, found: annotated,
		},
		"provenance that lists tools alone": {
			app: single(builtOn("debian:12", digestA), material("docker/dockerfile:1", digestC)), known: gone, found: annotated,
		},
		"an annotated base whose layers come first, whatever the provenance lists": {
			app:   single(builtOn("debian:12", digestA), golang),
			known: Known{Fetched: []Image{layers(digestA, "d1")}},
			found: found{"debian:12", Annotations, Proven, digestA, Annotations, nil},
		},
		"two digests of one tag of which none can be read": {
			app:   single(builtOn("debian:12", digestA), material("debian:12", digestC)),
			known: Known{Missing: []string{digestA, digestC}}, found: annotated,
		},
		"a digest that the layers disprove beside one that cannot be read": {
			app:   single(builtOn("debian:12", digestA), material("debian:12", digestC)),
			known: Known{Fetched: []Image{layers(digestA, "e1")}, Missing: []string{digestC}},
			found: found{"debian:12", Annotations, Recorded, digestC, Provenance, nil},
		},
		"annotations and a label of buildpacks for one base": {
			app: with(packed("d1 d2 a6"), builtOn("gcr.io/paketo-buildpacks/run:base-cnb", "")), known: gone,
			found: found{"gcr.io/paketo-buildpacks/run:base-cnb", Annotations, Recorded, digestA, Buildpacks, nil},
		},
		"what Respin rebased: its annotations and its provenance name the new base": {
			app: single(map[string]string{
				AnnotationBaseName: "debian:12", AnnotationBaseDigest: digestB, AnnotationSourceDigest: digestC,
			}, parsed(t, statementRebase)...),
			known: Known{Fetched: []Image{layers(digestB, "d1 d2")}},
			found: found{"debian:12", Annotations, Proven, digestB, Annotations, nil},
		},
		"what Respin rebased, by its provenance alone": {
			app: single(nil, parsed(t, statementRebase)...), known: Known{Missing: []string{digestB}},
			found: found{"debian:12", Provenance, Recorded, digestB, Provenance, nil},
		},
		"what Respin rebuilt: its annotations and BuildKit's provenance name the new base": {
			app: single(map[string]string{
				AnnotationBaseName: "registry.example.com/lineage/debian:12", AnnotationBaseDigest: digestA, AnnotationSourceDigest: digestC,
			}, parsed(t, string(statementFile(t, "v1-source-policy")))...),
			known: Known{Missing: slices.Concat(wantA, digestsIn(parsed(t, string(statementFile(t, "v1-source-policy")))))},
			found: found{"registry.example.com/lineage/debian:12", Annotations, Recorded, digestA, Annotations, nil},
		},
	} {
		t.Run(sentence, tt.run)
	}
}

func parsed(t *testing.T, statement string) []Material {
	t.Helper()
	found, err := ParseProvenance([]byte(statement))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func digestsIn(materials []Material) []string {
	var digests []string
	for _, m := range materials {
		digests = append(digests, m.Digest)
	}
	return digests
}
