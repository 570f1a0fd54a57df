package bench

import (
	"encoding/json"
	"net/url"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/image"
)

// member is an image of an index.
type member struct {
	platform string
	image    v1.Image
	// provenance is a statement on it, if it has one.
	provenance []byte
}

// indexOf puts images in an index, and what tells of them behind them, as BuildKit does.
func indexOf(t testing.TB, members []member) v1.ImageIndex {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, m := range members {
		p, err := v1.ParsePlatform(m.platform)
		must(t, err)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: m.image, Descriptor: v1.Descriptor{Platform: p}})
	}
	for _, m := range members {
		if m.provenance == nil {
			continue
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: attestation(t, m), Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"},
			Annotations: map[string]string{
				"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digestOf(t, m.image),
			},
		}})
	}
	return index
}

// attestation is a manifest in the form of BuildKit's docs/attestations/attestation-storage.md.
func attestation(t testing.TB, m member) v1.Image {
	t.Helper()
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	made, err := mutate.ConfigFile(made, &v1.ConfigFile{
		OS: "unknown", Architecture: "unknown", RootFS: v1.RootFS{Type: "layers"},
	})
	must(t, err)
	made, err = mutate.Append(made, mutate.Addendum{
		Layer:       static.NewLayer(m.provenance, "application/vnd.in-toto+json"),
		Annotations: map[string]string{"in-toto.io/predicate-type": image.PredicateSLSA1},
	})
	must(t, err)
	return made
}

// built is the provenance that BuildKit gives by default (mode=min) to what it builds on a base.
func built(t testing.TB, base image.Reference, platform string) []byte {
	t.Helper()
	uri := "pkg:docker/" + base.Repository + "@" + base.Tag + "?platform=" + url.QueryEscape(platform)
	raw, err := json.Marshal(map[string]any{
		"_type": "https://in-toto.io/Statement/v1", "predicateType": image.PredicateSLSA1,
		"predicate": map[string]any{
			"buildDefinition": map[string]any{
				"buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
				"resolvedDependencies": []any{map[string]any{
					"uri": uri, "digest": map[string]string{"sha256": base.Digest[len("sha256:"):]},
				}},
				"externalParameters": map[string]any{"request": map[string]string{"frontend": "dockerfile.v0"}},
			},
			"runDetails": map[string]any{"builder": map[string]string{"id": ""}},
		},
	})
	must(t, err)
	return raw
}

func digestOf(t testing.TB, of interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	digest, err := of.Digest()
	must(t, err)
	return digest.String()
}
