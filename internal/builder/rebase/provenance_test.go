package rebase_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// attested is an in-toto statement that is a DSSE envelope, too.
type attested struct {
	Type          string `json:"_type"`
	PredicateType string `json:"predicateType"`
	Subject       []struct {
		Name   string            `json:"name"`
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Predicate struct {
		BuildDefinition struct {
			BuildType          string            `json:"buildType"`
			ExternalParameters map[string]string `json:"externalParameters"`

			ResolvedDependencies []struct {
				Name   string            `json:"name"`
				URI    string            `json:"uri"`
				Digest map[string]string `json:"digest"`
			} `json:"resolvedDependencies"`
		} `json:"buildDefinition"`
		RunDetails struct {
			Builder struct {
				ID      string            `json:"id"`
				Version map[string]string `json:"version"`
			} `json:"builder"`
		} `json:"runDetails"`
	} `json:"predicate"`
	PayloadType string `json:"payloadType"`
	Payload     string `json:"payload"`
	Signatures  []any  `json:"signatures"`
}

// rebasedIndex rebases an index of one image, and gives the image's entry and that of what tells of it.
func (w world) rebasedIndex() (result image.Reference, child, telling ocispec.Descriptor, req image.Reference) {
	w.t.Helper()
	source := w.indexOf(appRepository, nil, "linux/arm/v7 a x")
	result = w.build(request(source, w.based("linux/arm/v7 a"), w.based("linux/arm/v7 b")))
	entries := read[ocispec.Index](w, result).Manifests
	if len(entries) != 2 {
		w.t.Fatalf("got %d entries", len(entries))
	}
	return result, entries[0], entries[1], source
}

func TestProvenanceIsStoredAsBuildKitStoresIt(t *testing.T) {
	w := newWorld(t)
	result, child, telling, _ := w.rebasedIndex()
	if p := telling.Platform; p.OS != "unknown" || p.Architecture != "unknown" {
		t.Errorf("its platform is %+v, and runtimes would run it", p)
	}
	if got := telling.Annotations["vnd.docker.reference.digest"]; got != child.Digest.String() {
		t.Errorf("it tells of %s", got)
	}
	manifest := read[ocispec.Manifest](w, result.WithDigest(telling.Digest.String()))
	if manifest.ArtifactType != "application/vnd.docker.attestation.manifest.v1+json" || manifest.Subject.Digest != child.Digest ||
		manifest.Config.Digest != ocispec.DescriptorEmptyJSON.Digest || len(manifest.Layers) != 1 {
		t.Errorf("got the manifest %+v", manifest)
	}
	layer := manifest.Layers[0]
	if layer.MediaType != "application/vnd.in-toto+json" || layer.Annotations["in-toto.io/predicate-type"] != image.PredicateSLSA1 {
		t.Errorf("got the layer %+v", layer)
	}
	tag := "sha256-" + child.Digest.Encoded() + ".att"
	if got := w.in(appRepository).tags[tag]; got != telling.Digest.String() {
		t.Errorf("cosign looks at the tag %s, which stands at %q", tag, got)
	}
}

func TestProvenanceTellsOfTheRebase(t *testing.T) {
	w := newWorld(t)
	result, child, telling, source := w.rebasedIndex()
	raw := w.in(appRepository).blobs[read[ocispec.Manifest](w, result.WithDigest(telling.Digest.String())).Layers[0].Digest.String()]
	var got attested
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "https://in-toto.io/Statement/v1" || got.PredicateType != image.PredicateSLSA1 || len(got.Subject) != 1 {
		t.Fatalf("got %s", raw)
	}
	if s := got.Subject[0]; s.Name != "pkg:docker/registry.example.com/team/app?platform=linux%2Farm%2Fv7" || s.Digest["sha256"] != child.Digest.Encoded() {
		t.Errorf("its subject is %+v", s)
	}
	made, run := got.Predicate.BuildDefinition, got.Predicate.RunDetails.Builder
	if made.BuildType != "https://respin.dev/rebase/v1" || run.ID != "https://respin.dev" || run.Version["respin"] != "v1.2.3" {
		t.Errorf("got %+v by %+v", made, run)
	}
	if p := made.ExternalParameters; p["source"] != source.String() || p["base"] != baseTag || p["output"] != appRepository {
		t.Errorf("it was asked for %q", p)
	}
}

func TestProvenanceIsAnEnvelopeOfItself(t *testing.T) {
	w := newWorld(t)
	result, _, telling, _ := w.rebasedIndex()
	raw := w.in(appRepository).blobs[read[ocispec.Manifest](w, result.WithDigest(telling.Digest.String())).Layers[0].Digest.String()]
	var outer, inner map[string]any
	var envelope attested
	if err := json.Unmarshal(raw, &envelope); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
	if err != nil || envelope.PayloadType != "application/vnd.in-toto+json" || envelope.Signatures == nil || len(envelope.Signatures) != 0 {
		t.Fatalf("%v: %s", err, raw)
	}
	if json.Unmarshal(raw, &outer) != nil || json.Unmarshal(payload, &inner) != nil {
		t.Fatalf("not JSON: %s", payload)
	}
	for _, field := range []string{"payload", "payloadType", "signatures"} {
		delete(outer, field)
	}
	sameJSON(t, string(encode(t, inner)), string(encode(t, outer)))
}

func TestProvenanceNamesTheImagesThatItWasMadeOf(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/arm/v7 a x")
	from, to := w.based("linux/arm/v7 a"), w.based("linux/arm/v7 b")
	plan := w.plan(request(source, from, to))
	var got attested
	if err := json.Unmarshal(plan.Images[0].Provenance, &got); err != nil {
		t.Fatal(err)
	}
	on := "platform=linux%2Farm%2Fv7"
	want := map[string][2]string{
		"base":            {"pkg:docker/" + baseRepository + "@12?" + on, to.Digest},
		"old-base":        {"pkg:docker/" + baseRepository + "@12?digest=" + from.Digest + "&" + on, from.Digest},
		"source":          {"pkg:docker/" + appRepository + "?digest=" + source.Digest + "&" + on, source.Digest},
		"source-platform": {"pkg:docker/" + appRepository + "?digest=" + plan.Images[0].Source.Digest + "&" + on, plan.Images[0].Source.Digest},
	}
	for _, d := range got.Predicate.BuildDefinition.ResolvedDependencies {
		if found := [2]string{d.URI, "sha256:" + d.Digest["sha256"]}; found != want[d.Name] {
			t.Errorf("%s is %q, want %q", d.Name, found, want[d.Name])
		}
		delete(want, d.Name)
	}
	if len(want) != 0 {
		t.Errorf("it does not name %v", want)
	}
}

func TestTheLineageOfTheResultIsTheNewBase(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/arm/v7 a x")
	to := w.based("linux/arm/v7 b")
	materials, err := image.ParseProvenance(w.plan(request(source, w.based("linux/arm/v7 a"), to)).Images[0].Provenance)
	if err != nil || len(materials) != 1 || materials[0].Reference.String() != baseTag || materials[0].Digest != to.Digest {
		t.Errorf("got %+v, %v", materials, err)
	}
}

func TestASingleImageHasNoProvenance(t *testing.T) {
	w := newWorld(t)
	plan := w.plan(request(w.push(appRepository, made{layers: []string{"a", "x"}}),
		w.push(baseRepository, made{layers: []string{"a"}}), w.push(baseRepository, made{layers: []string{"b"}})))
	if plan.Images[0].Provenance != nil || plan.MediaType != ocispec.MediaTypeImageManifest {
		t.Errorf("got a %s with %s", plan.MediaType, plan.Images[0].Provenance)
	}
}
