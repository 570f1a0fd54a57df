package image

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// The files in testdata/provenance are what BuildKit 0.34.2 attached to images that were built for this, with the names of
// hosts replaced.
func TestStatementsThatBuildKitWrote(t *testing.T) {
	const debianDigest = "sha256:2d707e0cda4000d7664a949aea7f9167da040ca2d7aac15390b2ca31490cedc9"
	const golangDigest = "sha256:e5458c10b4d01e8bf3dc44fb27228ea7e21d2df641c386e35ecee6c2c25ef59e"
	debian := Material{spelled("registry.example.com/lineage/debian:12"), debianDigest, amd64}
	golang := Material{spelled("registry.example.com/lineage/golang:1.26"), golangDigest, amd64}
	pinned, layout, on386 := debian, debian, debian
	pinned.Reference.Digest, layout.Reference, on386.Platform = debianDigest, Reference{}, linux("386", "")
	for name, want := range map[string][]Material{
		"v1-min":              {debian},
		"v1-386":              {on386},
		"v1-max-two-stages":   {debian, golang},
		"v1-build-stage-only": {golang},
		"v1-pinned":           {pinned},
		"v1-source-policy":    {pinned},
		"v1-named-context":    {debian},
		"v1-linked-target":    {debian},
		"v1-oci-layout":       {layout},
		"v1-git":              {debian},
		"v02-min-two-stages":  {debian, golang},
		"v02-max":             {debian},
		"v02-max-git":         {debian},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseProvenance(statementFile(t, name)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func statementFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "provenance", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
