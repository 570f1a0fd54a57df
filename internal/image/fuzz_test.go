package image

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The corpora in testdata/fuzz are what the fuzzer found worth keeping. Longer runs: go test -fuzz '^FuzzParsePURL$'
// -parallel 1 ./internal/image.

func FuzzParseProvenance(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "provenance", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, statement := range []string{statement02, statement1, statementRebase, statementRoot} {
		f.Add([]byte(statement))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := ParseProvenance(raw)
		if err != nil {
			return
		}
		if len(found) > maxMaterials {
			t.Fatalf("there are %d materials", len(found))
		}
		for _, m := range found {
			sound(t, m)
		}
		followed(t, Image{Digest: digestA, Children: []Child{{Digest: digestA, DiffIDs: diffIDs("d1"), Materials: found}}})
	})
}

func FuzzParsePURL(f *testing.F) {
	for _, uri := range []string{
		"pkg:docker/debian@12?platform=linux%2Famd64", "pkg:docker/localhost%3A5000/a/b@1?digest=" + digestA,
		"pkg:docker/a@" + digestA, "pkg:oci/base?digest=" + digestA + "&platform=linux%2Farm%2Fv7",
		"pkg:oci/a@sha256%3A" + hexA + "?repository_url=ghcr.io/a/a&tag=1#x", "pkg:docker/a?ref_type=blob", "pkg://docker//a@@?&=%",
	} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		m, ok := parsePURL(uri)
		if !ok && m != (Material{}) {
			t.Fatalf("%q is %+v, and is not", uri, m)
		}
		sound(t, m)
	})
}

func FuzzLabelOfBuildpacks(f *testing.F) {
	f.Add(lifecycleLabel)
	f.Add(`{"runImage":{"topLayer":"","reference":"` + hexA + `","image":"a","mirrors":["a","b:1"]},"x":"` + layer("a6") + `"}`)
	f.Fuzz(func(t *testing.T, label string) {
		followed(t, packed("d1 d2 a6", lifecycleLabel, label))
	})
}

// sound checks what holds of every material.
func sound(t *testing.T, m Material) {
	t.Helper()
	if m.Digest != "" && !ValidDigest(m.Digest) {
		t.Fatalf("%q is no digest", m.Digest)
	}
	if ref := m.Reference; ref != (Reference{}) {
		if again, err := ParseReference(ref.String()); err != nil || again != ref {
			t.Fatalf("%+v is written %s and read back as %+v (%v)", ref, ref, again, err)
		}
	}
}

// followed checks what holds of every lineage, and that it does not depend on how often it is looked for.
func followed(t *testing.T, app Image) {
	t.Helper()
	missing := Known{}
	for range 3 {
		lineage, err := FindLineage(app, nil, missing)
		if err == nil && (lineage.Base.Tag == "" || lineage.Base.Digest != "" || lineage.Certainty == Proven) {
			t.Fatalf("%+v is no lineage", lineage)
		}
		if err != nil && bytes.ContainsAny([]byte(err.Error()), "\x00\n\x1b") {
			t.Fatalf("the error is not fit for a status: %q", err.Error())
		}
		if len(lineage.Wanted) == 0 {
			return
		}
		missing.Missing = append(missing.Missing, digestsOf(lineage.Wanted)...)
	}
	t.Fatal("it always wants more")
}
