package image

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestABaseKnownByTheImagesLayers(t *testing.T) {
	for name, tt := range map[string]looked{
		"is the policies' base with whose layers they begin": {
			app:   single(nil),
			known: Known{Bases: slices.Concat(bases("alpine:3", layers(digestA, "e1")), bases("debian:12", layers(digestB, "d1")))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"is the one with most layers": {
			app:   single(nil),
			known: Known{Bases: slices.Concat(bases("debian:12", layers(digestA, "d1")), bases("python:3", layers(digestB, "d1 d2")))},
			found: found{"python:3", Layers, Proven, digestB, Layers, nil},
		},
		"has the digest that was seen last, where several have the same layers": {
			app:   single(nil),
			known: Known{Bases: bases("debian:12", layers(digestC, "e1"), layers(digestB, "d1"), layers(digestA, "d1"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"has a digest of before, whose layers the image still has": {
			app:   single(nil),
			known: Known{Bases: bases("debian:12", layers(digestC, "e1 e2"), layers(digestB, "d1 d2"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"may have all the layers that the image has": {
			app:   single(nil),
			known: Known{Bases: bases("debian:12", layers(digestB, "d1 d2 a1"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"is not the image itself": {
			app:   single(nil),
			known: Known{Bases: slices.Concat(bases("python:3", single(nil)), bases("debian:12", layers(digestB, "d1")))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
	} {
		t.Run(name, tt.run)
	}
}

func TestLayersThatTellNothing(t *testing.T) {
	both := layers(digestB, "d1")
	for name, tt := range map[string]struct {
		bases   []Candidate
		want    error
		message string
	}{
		"are those of no base that is named": {bases("alpine:3", layers(digestA, "e1")), ErrNoLineage, "a policy of the namespace names"},
		"are more than the image has":        {bases("debian:12", layers(digestA, "d1 d2 a1 e1")), ErrNoLineage, ""},
		"are of a base without any":          {bases("debian:12", layers(digestA, "")), ErrNoLineage, ""},
		"are of a base for other platforms": {
			bases("debian:12", Image{Digest: digestA, Children: []Child{{Platform: arm64, DiffIDs: diffIDs("d1")}}}), ErrNoLineage, "",
		},
		"are of two bases": {
			slices.Concat(bases("debian:12", both), bases("debian:bookworm", both)), ErrAmbiguousLineage,
			"debian:12, debian:bookworm, which have the same layers",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FindLineage(single(nil), []Platform{amd64}, Known{Bases: tt.bases})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.message) {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}
