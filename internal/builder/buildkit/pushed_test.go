//go:build integration

package buildkit_test

import (
	"archive/tar"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, reference string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(reference, name.Insecure)
	must(t, err)
	return ref
}

func readIndex(t *testing.T, reference string) v1.ImageIndex {
	t.Helper()
	index, err := remote.Index(parse(t, reference))
	must(t, err)
	return index
}

func child(t *testing.T, index v1.ImageIndex, platform string) v1.Image {
	t.Helper()
	for _, d := range mustIndexManifest(t, index).Manifests {
		if d.Platform != nil && d.Platform.String() == platform {
			image, err := index.Image(d.Digest)
			must(t, err)
			return image
		}
	}
	t.Fatalf("the index holds nothing for %s", platform)
	return nil
}

func mustIndexManifest(t *testing.T, index v1.ImageIndex) *v1.IndexManifest {
	t.Helper()
	manifest, err := index.IndexManifest()
	must(t, err)
	return manifest
}

func mustManifest(t *testing.T, image v1.Image) *v1.Manifest {
	t.Helper()
	manifest, err := image.Manifest()
	must(t, err)
	return manifest
}

func digestOf(t *testing.T, what interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	digest, err := what.Digest()
	must(t, err)
	return digest.String()
}

func layerDigests(t *testing.T, image v1.Image) []string {
	t.Helper()
	var digests []string
	for _, l := range mustManifest(t, image).Layers {
		digests = append(digests, l.Digest.String())
	}
	return digests
}

func startsWith(all, first []string) bool {
	return len(first) > 0 && len(all) > len(first) && slices.Equal(all[:len(first)], first)
}

func readFile(t *testing.T, image v1.Image, path string) string {
	t.Helper()
	files := tar.NewReader(mutate.Extract(image))
	for {
		header, err := files.Next()
		if err == io.EOF {
			return "(no such file)"
		}
		must(t, err)
		if header.Name == path {
			data, err := io.ReadAll(files)
			must(t, err)
			return strings.TrimSpace(string(data))
		}
	}
}

// provenance is the statement that is attached to the only image of an index.
func provenance(t *testing.T, index v1.ImageIndex) string {
	t.Helper()
	for _, d := range mustIndexManifest(t, index).Manifests {
		if d.Annotations["vnd.docker.reference.type"] != "attestation-manifest" {
			continue
		}
		attestation, err := index.Image(d.Digest)
		must(t, err)
		layers, err := attestation.Layers()
		must(t, err)
		blob, err := layers[0].Uncompressed()
		must(t, err)
		statement, err := io.ReadAll(blob)
		must(t, err)
		return string(statement)
	}
	t.Fatal("no provenance is attached")
	return ""
}

func wantMaterials(t *testing.T, statement string, moved movedBase) {
	t.Helper()
	if !contains(statement, strings.TrimPrefix(moved.to, "sha256:")) {
		t.Errorf("the provenance does not name the new base: %s", statement)
	}
	if contains(statement, moved.from) || contains(statement, strings.TrimPrefix(moved.from, "sha256:")) {
		t.Errorf("the provenance names the old base: %s", statement)
	}
}

func wantNothingPushed(t *testing.T, reference string) {
	t.Helper()
	_, err := remote.List(parse(t, reference).Context())
	var refused *transport.Error
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound {
		t.Errorf("something was pushed to %s (%v)", reference, err)
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }
