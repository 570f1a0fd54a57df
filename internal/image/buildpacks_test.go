package image

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// lifecycleLabel is the label as the lifecycle writes it (platform API 0.12), of an image whose run image has the layers
// d1 and d2.
var lifecycleLabel = `{"app":[{"sha":"` + layer("a1") + `"}],"sbom":{"sha":"` + layer("a2") + `"},
"buildpacks":[{"key":"paketo-buildpacks/go-build","version":"2.0.9","layers":{"targets":{"sha":"` + layer("a3") + `",
"data":{"built_at":"","layers":[1]},"build":false,"launch":true,"cache":false}},"store":{"metadata":{}}}],
"config":{"sha":"` + layer("a4") + `"},"launcher":{"sha":"` + layer("a5") + `"},"process-types":{"sha":"` + layer("a6") + `"},
"runImage":{"topLayer":"` + layer("d2") + `","reference":"index.docker.io/paketobuildpacks/run@` + digestA + `",
"image":"index.docker.io/paketobuildpacks/run:base-cnb","mirrors":["gcr.io/paketo-buildpacks/run:base-cnb"]},
"stack":{"runImage":{"image":"index.docker.io/paketobuildpacks/run:base-cnb","mirrors":["gcr.io/paketo-buildpacks/run:base-cnb"]}}}`

// packed is an image with the label, with edits to it that are pairs of old and new.
func packed(layers string, edits ...string) Image {
	label := strings.NewReplacer(edits...).Replace(lifecycleLabel)
	return Image{Digest: layer("a"), Children: []Child{{
		Platform: amd64, Digest: layer("a"), DiffIDs: diffIDs(layers),
		Config: Config{Labels: map[string]string{labelLifecycle: label}},
	}}}
}

func with(app Image, annotations map[string]string, materials ...Material) Image {
	app.Children = slices.Clone(app.Children)
	app.Children[0].Annotations, app.Children[0].Materials = annotations, materials
	return app
}

func TestABaseKnownByTheLabelOfBuildpacks(t *testing.T) {
	const all = "d1 d2 a3 a2 a1 a5 a4 a6"
	reference := `"reference":"index.docker.io/paketobuildpacks/run@` + digestA + `",`
	name := `"image":"index.docker.io/paketobuildpacks/run:base-cnb",`
	for sentence, tt := range map[string]looked{
		"is the run image, at the digest of its reference": {
			app:   packed(all),
			found: found{"paketobuildpacks/run:base-cnb", Buildpacks, Recorded, digestA, Buildpacks, []string{digestA}},
		},
		"is proven by its layers": {
			app: packed(all), known: Known{Fetched: []Image{layers(digestA, "d1 d2")}},
			found: found{"paketobuildpacks/run:base-cnb", Buildpacks, Proven, digestA, Buildpacks, nil},
		},
		"is named by the stack before version 0.12": {
			app:   packed(all, name+`"mirrors":["gcr.io/paketo-buildpacks/run:base-cnb"]},`, `"x":""},`),
			found: found{"paketobuildpacks/run:base-cnb", Buildpacks, Recorded, digestA, Buildpacks, []string{digestA}},
		},
		"is the mirror that was used": {
			app:   packed(all, "index.docker.io/paketobuildpacks/run@", "gcr.io/paketo-buildpacks/run@"),
			found: found{"gcr.io/paketo-buildpacks/run:base-cnb", Buildpacks, Recorded, digestA, Buildpacks, []string{digestA}},
		},
		"has no digest where the reference is a Docker daemon's": {
			app:   packed(all, "index.docker.io/paketobuildpacks/run@"+digestA, hexA),
			found: found{base: "paketobuildpacks/run:base-cnb", evidence: Buildpacks, certainty: Named},
		},
		"is what the reference names, where nothing else does": {
			app:   packed(all, "@"+digestA, ":full", `index.docker.io/paketobuildpacks/run:base-cnb`, "-", "gcr.io/paketo-buildpacks/run", "-"),
			found: found{base: "paketobuildpacks/run:full", evidence: Buildpacks, certainty: Named},
		},
		"takes the digest at which a policy's base of its name has its layers": {
			app: packed(all, reference, ""),
			known: Known{Bases: bases("paketobuildpacks/run:base-cnb",
				layers(digestC, "e1 e2"), layers(digestB, "d1 d2"))},
			found: found{"paketobuildpacks/run:base-cnb", Buildpacks, Proven, digestB, Layers, nil},
		},
		"takes no digest at which a policy's base of its name has some of its layers": {
			app: packed(all, reference, ""), known: Known{Bases: bases("paketobuildpacks/run:base-cnb", layers(digestB, "d1"))},
			found: found{base: "paketobuildpacks/run:base-cnb", evidence: Buildpacks, certainty: Named},
		},
		"goes before provenance that lists it": {
			app:   with(packed(all), nil, material("golang:1.26", digestB), material("paketobuildpacks/run:base-cnb", digestC)),
			known: Known{Missing: []string{digestA, digestC}},
			found: found{"paketobuildpacks/run:base-cnb", Buildpacks, Recorded, digestA, Buildpacks, nil},
		},
		"gives its digest to a declared base of the name of a mirror": {
			app:   packed(all),
			known: Known{Declared: declare("gcr.io/paketo-buildpacks/run:base-cnb"), Missing: []string{digestA}},
			found: found{"gcr.io/paketo-buildpacks/run:base-cnb", Declared, Recorded, digestA, Buildpacks, nil},
		},
		"does not count where the label was inherited": {
			app: packed(all + " b1"), known: Known{Bases: bases("debian:12", layers(digestB, "d1"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"does not count in an image that Respin made": {
			app: with(packed("b1 b2 a6"), map[string]string{
				AnnotationBaseName: "paketobuildpacks/run:base-cnb", AnnotationBaseDigest: digestC, AnnotationSourceDigest: digestB}),
			known: Known{Missing: []string{digestC}},
			found: found{"paketobuildpacks/run:base-cnb", Annotations, Recorded, digestC, Annotations, nil},
		},
		"does not count where the label cannot be read": {
			app: packed(all, `{"app"`, `["app"`), known: Known{Bases: bases("debian:12", layers(digestB, "d1"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
		"does not count where it has no name": {
			app:   packed(all, "index.docker.io/paketobuildpacks/run", "-", "gcr.io/paketo-buildpacks/run", "-"),
			known: Known{Bases: bases("debian:12", layers(digestB, "d1"))},
			found: found{"debian:12", Layers, Proven, digestB, Layers, nil},
		},
	} {
		t.Run(sentence, tt.run)
	}
}

func TestABuildpacksImageWithoutARecordIsJudgedByItsLayers(t *testing.T) {
	app := packed("d1 d2 a6", `"reference":"index.docker.io/paketobuildpacks/run@`+digestA+`",`, "")
	lineage, err := FindLineage(app, nil, Known{})
	if err != nil || len(lineage.Digests()) != 0 {
		t.Fatalf("recorded are %q, with %v", lineage.Digests(), err)
	}
	for sentence, test := range map[string]struct {
		base   string
		behind bool
	}{
		"on the run image as it is now": {"d1 d2", false},
		"on an older one":               {"e1 e2", true},
	} {
		verdict, err := Behind(lineage, app, layers(digestC, test.base), nil)
		if err != nil || verdict.Behind != test.behind {
			t.Errorf("%s it is behind: %v, %v", sentence, verdict.Behind, err)
		}
	}
}

func TestTheLabelIsWhatTheLifecycleWrites(t *testing.T) {
	if !json.Valid([]byte(lifecycleLabel)) {
		t.Error(lifecycleLabel)
	}
}
