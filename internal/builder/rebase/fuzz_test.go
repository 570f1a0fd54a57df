package rebase_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

// Digests of what the fuzz tests' registry serves.
var (
	fuzzSource = digest.FromString("source").String()
	fuzzOld    = digest.FromString("old").String()
	fuzzNew    = digest.FromString("new").String()
)

// serving is a registry that serves whatever it is told to, whether it has the digest or not: what package rebase makes
// of documents must not depend on their being sound.
type serving struct {
	rebase.Registry
	manifests map[string][]byte
	// config is asked for the config of a manifest.
	config func(manifest string) []byte
}

func (s serving) Manifest(_ context.Context, ref image.Reference) (string, []byte, error) {
	raw, ok := s.manifests[ref.Digest]
	if !ok {
		raw = s.manifests[""]
	}
	return "", raw, nil
}

func (s serving) Config(_ context.Context, ref image.Reference, _ ocispec.Descriptor) ([]byte, error) {
	return s.config(ref.Digest), nil
}

func fuzzRequest() builder.Request {
	return request(image.Reference{Repository: appRepository, Digest: fuzzSource},
		image.Reference{Digest: fuzzOld}, image.Reference{Digest: fuzzNew})
}

// sound fails unless a plan is what it should be, whatever it was made from.
func sound(t *testing.T, plan *rebase.Plan, err error) {
	t.Helper()
	if err != nil {
		var refused *builder.RefusedError
		if !errors.As(err, &refused) || len(refused.Reasons) == 0 {
			t.Fatalf("got %v, want a refusal", err)
		}
		return
	}
	if len(plan.Images) == 0 || len(plan.Images) > 64 || !image.ValidDigest(plan.Digest) {
		t.Fatalf("got %d images under %s", len(plan.Images), plan.Digest)
	}
	for _, one := range plan.Images {
		if one.Manifest != nil {
			soundImage(t, one)
		}
	}
	last := plan.Writes[len(plan.Writes)-1]
	if last.To.Tag != "1.0-respin-abc" || last.Descriptor.Digest.String() != plan.Digest {
		t.Fatalf("the last write is %v", last.To)
	}
	for _, write := range plan.Writes {
		if write.Content != nil && digest.FromBytes(write.Content) != write.Descriptor.Digest {
			t.Fatalf("%v is not what its digest says", write.To)
		}
	}
}

func soundImage(t *testing.T, one rebase.Image) {
	t.Helper()
	var manifest ocispec.Manifest
	var config struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
		History []struct {
			EmptyLayer bool `json:"empty_layer"`
		} `json:"history"`
	}
	if err := json.Unmarshal(one.Manifest, &manifest); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(one.Config, &config); err != nil {
		t.Fatal(err)
	}
	layers := len(manifest.Layers)
	if layers == 0 || layers != len(config.RootFS.DiffIDs) || digest.FromBytes(one.Config) != manifest.Config.Digest {
		t.Fatalf("%d layers, %d DiffIDs", layers, len(config.RootFS.DiffIDs))
	}
	if steps := config.History; steps != nil {
		for _, step := range steps {
			if !step.EmptyLayer {
				layers--
			}
		}
		if layers != 0 {
			t.Fatalf("the history does not fit: %s", one.Config)
		}
	}
}

func FuzzManifest(f *testing.F) {
	goldens(f, "*-manifest.json", "*-top.json")
	w := newWorld(f)
	base := w.push(baseRepository, made{layers: []string{"a"}})
	app := w.push(appRepository, made{layers: []string{"a", "x"}})
	docker := w.push(appRepository, made{layers: []string{"a", "x.zstd"}, docker: true})
	old := w.in(baseRepository).manifests[base.Digest].raw
	own := w.in(appRepository).manifests[app.Digest].raw
	index := w.in(appRepository).manifests[w.indexOf(appRepository, nil, "linux/amd64 a x", "windows/amd64 a x").Digest].raw
	for _, seed := range [][]byte{own, w.in(appRepository).manifests[docker.Digest].raw, index} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := serving{manifests: map[string][]byte{fuzzSource: raw, fuzzOld: old, fuzzNew: old, "": own}}
		r.config = func(manifest string) []byte {
			layers := []string{"a", "x"}
			if manifest == fuzzOld || manifest == fuzzNew {
				layers = layers[:1]
			}
			return made{layers: layers}.config(t)
		}
		plan, err := rebase.New(r, "v1").Plan(t.Context(), fuzzRequest())
		sound(t, plan, err)
		// As the new base, too.
		r.manifests = map[string][]byte{fuzzSource: own, fuzzOld: old, fuzzNew: raw, "": old}
		plan, err = rebase.New(r, "v1").Plan(t.Context(), fuzzRequest())
		sound(t, plan, err)
	})
}

func FuzzConfig(f *testing.F) {
	for _, path := range goldens(f) {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, made{layers: []string{"b"}}.config(f), raw)
	}
	full := func(layers ...string) []byte {
		return made{
			layers: layers, history: append(slices.Clone(layers), `-CMD ["a"]`, "-ENV A=1 B=2", "-EXPOSE map[1/tcp:{}]"),
			run: `{"Env":["PATH=/bin","A=1"],"Cmd":["a"],"Entrypoint":null,"Labels":{"a":"1"},"Volumes":{"/v":{}},"ExposedPorts":{"1/tcp":{}},"OnBuild":["RUN a"],"Healthcheck":{"Test":["NONE"]},"Shell":["/bin/sh"]}`,
			top: `{"created":"2026-01-01T00:00:00Z","author":"a","variant":"v8","os.version":"1","os.features":["a"]}`,
		}.config(f)
	}
	f.Add(full("a", "x"), full("a"), full("b", "c"))
	f.Fuzz(func(t *testing.T, app, old, new []byte) {
		r := serving{manifests: map[string][]byte{}}
		configs := map[string][]byte{fuzzSource: app, fuzzOld: old, fuzzNew: new}
		for id, raw := range configs {
			r.manifests[id] = manifestFor(t, raw)
		}
		r.config = func(manifest string) []byte { return configs[manifest] }
		plan, err := rebase.New(r, "v1").Plan(t.Context(), fuzzRequest())
		sound(t, plan, err)
		if again, _ := rebase.New(r, "v1").Plan(t.Context(), fuzzRequest()); err == nil && again.Digest != plan.Digest {
			t.Fatalf("got %s and then %s", plan.Digest, again.Digest)
		}
	})
}

// manifestFor is a manifest with as many layers as a config tells of.
func manifestFor(t *testing.T, config []byte) []byte {
	var told struct {
		RootFS struct {
			DiffIDs []json.RawMessage `json:"diff_ids"`
		} `json:"rootfs"`
	}
	_ = json.Unmarshal(config, &told)
	manifest := ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: digest.FromBytes(config), Size: int64(len(config))},
	}
	for i := range min(len(told.RootFS.DiffIDs), 2000) {
		manifest.Layers = append(manifest.Layers, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromString(string(rune(i))), Size: 1,
		})
	}
	return encode(t, manifest)
}

// goldens adds files to a corpus, and gives those that are configs.
func goldens(f *testing.F, patterns ...string) []string {
	f.Helper()
	for _, pattern := range patterns {
		paths, _ := filepath.Glob(filepath.Join("testdata", "golden", pattern))
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	configs, _ := filepath.Glob(filepath.Join("testdata", "golden", "*-config.json"))
	return configs
}
