package image

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// found is what a test expects to be found of an image for amd64.
type found struct {
	base      string
	evidence  Evidence
	certainty Certainty
	digest    string
	// by is where the digest comes from.
	by     Evidence
	wanted []string
}

// looked is what FindLineage is asked.
type looked struct {
	app   Image
	known Known
	found found
}

func (l looked) run(t *testing.T) {
	t.Helper()
	got, err := FindLineage(l.app, []Platform{amd64}, l.known)
	if err != nil {
		t.Fatal(err)
	}
	if got.Base != spelled(l.found.base) || got.Evidence != l.found.evidence || got.Certainty != l.found.certainty {
		t.Errorf("the base is %s, %s by %s", got.Base.Familiar(), got.Certainty, got.Evidence)
	}
	if got.Digest != l.found.digest || got.Records[0].Evidence != l.found.by {
		t.Errorf("its digest is %q by %q", got.Digest, got.Records[0].Evidence)
	}
	if digests := digestsOf(got.Wanted); !slices.Equal(digests, l.found.wanted) {
		t.Errorf("wanted are %q", digests)
	}
}

func digestsOf(references []Reference) []string {
	var digests []string
	for _, ref := range references {
		digests = append(digests, ref.Digest)
	}
	return digests
}

func declare(name string) *Reference {
	ref := spelled(name)
	return &ref
}

func TestADeclaredBase(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	wantA := []string{digestA}
	for name, tt := range map[string]looked{
		"goes before everything else": {
			app:   single(builtOn("alpine:3", digestC), debian),
			known: Known{Declared: declare("ubuntu:24.04")},
			found: found{base: "ubuntu:24.04", evidence: Declared, certainty: Named},
		},
		"takes its digest from annotations of the same name": {
			app:   single(builtOn("docker.io/library/debian:12", digestC), debian),
			known: Known{Declared: declare("debian:12"), Missing: []string{digestA, digestC}},
			found: found{"debian:12", Declared, Recorded, digestC, Annotations, nil},
		},
		"takes its digest from provenance of the same name": {
			app:   single(nil, golang, material("debian:12@"+digestA, digestA)),
			known: Known{Declared: declare("debian:12")},
			found: found{"debian:12", Declared, Recorded, digestA, Provenance, wantA},
		},
		"is not hurt by annotations that cannot be read": {
			app:   single(builtOn("Not/One:::", ""), debian),
			known: Known{Declared: declare("debian:12")},
			found: found{"debian:12", Declared, Recorded, digestA, Provenance, wantA},
		},
		"is proven by the layers of the digest on record": {
			app:   single(nil, debian),
			known: Known{Declared: declare("debian:12"), Fetched: []Image{layers(digestA, "d1 d2")}},
			found: found{"debian:12", Declared, Proven, digestA, Provenance, nil},
		},
		"takes, of two digests on record, the one whose layers come first": {
			app: single(builtOn("debian:12", digestC), debian),
			known: Known{Declared: declare("debian:12"), Fetched: []Image{
				layers(digestA, "d1 d2"), layers(digestC, "e1"),
			}},
			found: found{"debian:12", Declared, Proven, digestA, Provenance, nil},
		},
		"without a digest on record takes that at which it is known to have the image's first layers": {
			app: single(nil),
			known: Known{Declared: declare("debian:12"), Bases: slices.Concat(
				bases("debian:12", layers(digestC, "e1"), layers(digestA, "d1"), layers(digestB, "d1")),
				bases("debian:bookworm", layers(digestC, "d1 d2")))},
			found: found{"debian:12", Declared, Proven, digestA, Layers, nil},
		},
		"whose layers are known at other digests only has none": {
			app:   single(nil),
			known: Known{Declared: declare("debian:12"), Bases: bases("debian:12", layers(digestC, "e1"))},
			found: found{base: "debian:12", evidence: Declared, certainty: Named},
		},
		"is not contradicted by provenance that is without it": {
			app:   single(nil, golang),
			known: Known{Declared: declare("debian:12")},
			found: found{base: "debian:12", evidence: Declared, certainty: Named},
		},
		"is doubtful where the layers are others than those of the digest on record": {
			app: single(builtOn("debian:12", digestA)),
			known: Known{Declared: declare("debian:12"), Fetched: []Image{layers(digestA, "e1")},
				Bases: bases("alpine:3", layers(digestC, "d1"))},
			found: found{"debian:12", Declared, Doubtful, digestA, Annotations, nil},
		},
		"whose digest on record the layers disprove takes that at which it has the image's first layers": {
			app: single(builtOn("debian:12", digestA)),
			known: Known{Declared: declare("debian:12"), Fetched: []Image{layers(digestA, "e1")},
				Bases: bases("debian:12", layers(digestC, "d1"))},
			found: found{"debian:12", Declared, Proven, digestC, Layers, nil},
		},
	} {
		t.Run(name, tt.run)
	}
}

func TestAnAnnotatedBase(t *testing.T) {
	debian, golang := material("debian:12", digestA), material("golang:1.26", digestB)
	wantA, wantB, wantC := []string{digestA}, []string{digestB}, []string{digestC}
	for name, tt := range map[string]looked{
		"takes its digest from provenance, where it has a name alone": {
			app:   single(builtOn("debian:12", ""), golang, debian),
			found: found{"debian:12", Annotations, Recorded, digestA, Provenance, wantA},
		},
		"may have its digest in its name": {
			app:   single(builtOn("debian:12@"+digestB, "")),
			found: found{"debian:12", Annotations, Recorded, digestB, Annotations, wantB},
		},
		"has no digest if what is written there is none": {
			app:   single(builtOn("debian:12", "sha256:x")),
			found: found{base: "debian:12", evidence: Annotations, certainty: Named},
		},
		"may be the index's": {
			app:   index(builtOn("debian:12", digestA), Child{Platform: amd64, Digest: digestC}),
			found: found{"debian:12", Annotations, Recorded, digestA, Annotations, wantA},
		},
		"is the image's own before it is the index's": {
			app: index(builtOn("debian:12", digestA),
				Child{Platform: amd64, Digest: digestC, Annotations: builtOn("debian:13", digestB)}),
			found: found{"debian:13", Annotations, Recorded, digestB, Annotations, wantB},
		},
		"has a digest of the index's, where the image has its name alone": {
			app: index(builtOn("debian:12", digestA),
				Child{Platform: amd64, Digest: digestC, Annotations: builtOn("debian:12", "")}),
			found: found{"debian:12", Annotations, Recorded, digestA, Annotations, wantA},
		},
		"is known by the digest of one platform's image, in an index that was read": {
			app: single(builtOn("debian:12", digestA)),
			known: Known{Fetched: []Image{{Digest: digestB, Index: true, Children: []Child{
				{Platform: arm64, Digest: digestC, DiffIDs: diffIDs("e1")},
				{Platform: amd64, Digest: digestA, DiffIDs: diffIDs("d1 d2")},
			}}}},
			found: found{"debian:12", Annotations, Proven, digestA, Annotations, nil},
		},
		"does not have the digest of another platform's image": {
			app: index(builtOn("debian:12", digestA), Child{Platform: amd64, Digest: digestC, DiffIDs: diffIDs("d1 d2")}),
			known: Known{Fetched: []Image{{Digest: digestB, Index: true, Children: []Child{
				{Platform: arm64, Digest: digestA, DiffIDs: diffIDs("e1")},
			}}}},
			found: found{base: "debian:12", evidence: Annotations, certainty: Named},
		},
		"is proven by its layers, whatever else policies name": {
			app: single(builtOn("debian:12", digestC)),
			known: Known{Fetched: []Image{layers(digestC, "d1")},
				Bases: bases("python:3", layers(digestB, "d1 d2"))},
			found: found{"debian:12", Annotations, Proven, digestC, Annotations, nil},
		},
		"is recorded where it has no layers to compare": {
			app:   single(builtOn("debian:12", digestC)),
			known: Known{Fetched: []Image{layers(digestC, "")}},
			found: found{"debian:12", Annotations, Recorded, digestC, Annotations, nil},
		},
		"is recorded where it cannot be had any more": {
			app:   single(builtOn("debian:12", digestC)),
			known: Known{Missing: wantC},
			found: found{"debian:12", Annotations, Recorded, digestC, Annotations, nil},
		},
		"is doubtful where the image was squashed": {
			app:   single(builtOn("debian:12", digestC)),
			known: Known{Fetched: []Image{layers(digestC, "e1")}},
			found: found{"debian:12", Annotations, Doubtful, digestC, Annotations, nil},
		},
		"without a digest takes that at which a policy's base of its name has the image's first layers": {
			app:   single(builtOn("debian:12", "")),
			known: Known{Bases: bases("debian:12", layers(digestB, "e1"), layers(digestC, "d1 d2"))},
			found: found{"debian:12", Annotations, Proven, digestC, Layers, nil},
		},
	} {
		t.Run(name, tt.run)
	}
}

func TestFindLineageRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		app     Image
		want    error
		message string
	}{
		"an image that says nothing":         {single(nil), ErrNoLineage, "spec.images[].base.image"},
		"annotations that cannot be read":    {single(builtOn("https://x", "")), ErrNoLineage, "a reference has no scheme"},
		"an annotated base without a tag":    {single(builtOn("debian@"+digestA, "")), ErrNoLineage, "never moves"},
		"an image that has no base, it says": {single(builtOn("scratch", "")), ErrNoLineage, "from scratch"},
		"a platform that the image does not have": {
			index(nil, Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", "")}),
			ErrPlatformMissing, "linux/arm64",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FindLineage(tt.app, []Platform{amd64, arm64}, Known{})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.message) {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestEachPlatformHasItsOwnRecord(t *testing.T) {
	app := index(nil,
		Child{Platform: amd64, Digest: digestA, Annotations: builtOn("debian:12", digestB), DiffIDs: diffIDs("d1")},
		Child{Platform: arm64, Digest: digestB, Annotations: builtOn("debian:12", digestC), DiffIDs: diffIDs("d1")})
	got, err := FindLineage(app, nil, Known{Fetched: []Image{layers(digestB, "d1")}})
	if err != nil {
		t.Fatal(err)
	}
	if got.recordFor(amd64) != digestB || got.recordFor(arm64) != digestC || len(got.Digests()) != 2 {
		t.Errorf("got %+v", got.Records)
	}
	if got.Records[0].Certainty != Proven || got.Records[1].Certainty != Recorded || got.Certainty != Recorded {
		t.Errorf("the whole is as sure as the platform of which it is least: %+v", got)
	}
}

func TestWhatSeveralPlatformsWantIsWantedOnce(t *testing.T) {
	app := index(builtOn("debian:12", digestC), Child{Platform: amd64, Digest: digestA}, Child{Platform: arm64, Digest: digestB})
	got, err := FindLineage(app, nil, Known{})
	if want := spelled("debian:12@" + digestC); err != nil || !slices.Equal(got.Wanted, []Reference{want}) {
		t.Errorf("got %v, %v", got.Wanted, err)
	}
}
