package rebase_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

const (
	appRepository  = "registry.example.com/team/app"
	baseRepository = "registry.example.com/base/debian"
	baseTag        = baseRepository + ":12"
	output         = appRepository + ":1.0-respin-abc"

	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerConfig   = "application/vnd.docker.container.image.v1+json"
	dockerGzip     = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// world is a store with images in it.
type world struct {
	*store
	t testing.TB
}

func newWorld(t testing.TB) world { return world{newStore(), t} }

// made says how an image is made. Its layers are names: the same name is the same DiffID, and a layer that is compressed
// otherwise, "name.zstd", has that DiffID as well.
type made struct {
	platform string // linux/amd64 where it is empty
	layers   []string
	// run is the config's part that says how a container is run, top is more of the config's fields, each as JSON.
	run, top string
	// history entries are instructions; one that begins with a minus made no layer. None means no history.
	history     []string
	annotations map[string]string
	docker      bool
	// edit changes the manifest before it is pushed.
	edit func(*ocispec.Manifest)
}

func diffID(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return digest.FromString("tar of " + name).String()
}

// push puts an image into a repository and returns its reference by digest.
func (w world) push(repository string, m made) image.Reference {
	w.t.Helper()
	config := w.blob(repository, m.config(w.t))
	config.MediaType = ocispec.MediaTypeImageConfig
	manifest := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: config, Annotations: m.annotations,
	}
	if m.docker {
		manifest.MediaType, manifest.Config.MediaType = dockerManifest, dockerConfig
	}
	for _, name := range m.layers {
		layer := w.blob(repository, []byte("compressed "+name))
		layer.MediaType = layerType(name, m.docker)
		manifest.Layers = append(manifest.Layers, layer)
	}
	if m.edit != nil {
		m.edit(&manifest)
	}
	return w.manifest(repository, manifest.MediaType, manifest)
}

func layerType(name string, docker bool) string {
	_, compression, ok := strings.Cut(name, ".")
	switch {
	case docker && !ok:
		return dockerGzip
	case docker:
		return strings.TrimSuffix(dockerGzip, "gzip") + compression
	case !ok:
		return ocispec.MediaTypeImageLayerGzip
	case compression == "tar":
		return ocispec.MediaTypeImageLayer
	}
	return ocispec.MediaTypeImageLayer + "+" + compression
}

func (m made) config(t testing.TB) []byte {
	t.Helper()
	platform, err := image.ParsePlatform(cmp.Or(m.platform, "linux/amd64"))
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, name := range m.layers {
		ids = append(ids, diffID(name))
	}
	all := map[string]any{
		"os": platform.OS, "architecture": platform.Architecture,
		"rootfs": map[string]any{"type": "layers", "diff_ids": ids},
	}
	if platform.Variant != "" {
		all["variant"] = platform.Variant
	}
	if m.run != "" {
		all["config"] = json.RawMessage(m.run)
	}
	if m.history != nil {
		all["history"] = steps(m.history)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(cmp.Or(m.top, "{}")), &top); err != nil {
		t.Fatal(err)
	}
	for key, value := range top {
		all[key] = value
	}
	return encode(t, all)
}

func steps(entries []string) []any {
	all := []any{}
	for _, entry := range entries {
		instruction, empty := strings.CutPrefix(entry, "-")
		step := map[string]any{"created_by": instruction}
		if empty {
			step["empty_layer"] = true
		}
		all = append(all, step)
	}
	return all
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

func (w world) blob(repository string, content []byte) ocispec.Descriptor {
	id := digest.FromBytes(content)
	w.in(repository).blobs[id.String()] = content
	return ocispec.Descriptor{Digest: id, Size: int64(len(content))}
}

// manifest puts a document into a repository.
func (w world) manifest(repository, mediaType string, document any) image.Reference {
	w.t.Helper()
	raw := encode(w.t, document)
	id := digest.FromBytes(raw).String()
	w.in(repository).manifests[id] = stored{mediaType, raw}
	return image.Reference{Repository: repository, Digest: id}
}

// entry refers to an image of a repository from an index.
func (w world) entry(ref image.Reference, platform string) ocispec.Descriptor {
	held := w.in(ref.Repository).manifests[ref.Digest]
	entry := ocispec.Descriptor{MediaType: held.mediaType, Digest: digest.Digest(ref.Digest), Size: int64(len(held.raw))}
	if parsed, err := image.ParsePlatform(platform); err == nil {
		entry.Platform = &ocispec.Platform{OS: parsed.OS, Architecture: parsed.Architecture, Variant: parsed.Variant}
	}
	return entry
}

// index puts an index of entries into a repository.
func (w world) index(repository string, entries ...ocispec.Descriptor) image.Reference {
	return w.manifest(repository, ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: entries,
	})
}

// request asks to rebase an image from one base digest to another, as the operator does.
func request(source, from, to image.Reference) builder.Request {
	return builder.Request{
		Source: source, Output: output,
		Base: builder.Base{Reference: baseTag, From: []string{from.Digest}, To: to.Digest},
		Annotations: map[string]string{
			image.AnnotationBaseName: baseTag, image.AnnotationBaseDigest: to.Digest, image.AnnotationSourceDigest: source.Digest,
		},
	}
}

func (w world) builder() *rebase.Builder { return rebase.New(w.store, "v1.2.3") }

// plan rebases without pushing.
func (w world) plan(req builder.Request) *rebase.Plan {
	w.t.Helper()
	plan, err := w.builder().Plan(context.Background(), req)
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// build rebases and pushes, and returns the result's reference.
func (w world) build(req builder.Request) image.Reference {
	w.t.Helper()
	result, err := w.builder().Build(context.Background(), req, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	ref, err := image.ParseReference(req.Output)
	if err != nil {
		w.t.Fatal(err)
	}
	if tagged := w.in(ref.Repository).tags[ref.Tag]; tagged != result.Digest {
		w.t.Fatalf("the tag stands at %q, and the result is %q", tagged, result.Digest)
	}
	return ref.WithDigest(result.Digest)
}

// read decodes a manifest, an index or, with read config, an image's config.
func read[T any](w world, ref image.Reference) (document T) {
	w.t.Helper()
	if err := json.Unmarshal(w.in(ref.Repository).manifests[ref.Digest].raw, &document); err != nil {
		w.t.Fatalf("%s: %v", ref, err)
	}
	return document
}

func (w world) config(ref image.Reference) (config ocispec.Image) {
	w.t.Helper()
	manifest := read[ocispec.Manifest](w, ref)
	if err := json.Unmarshal(w.in(ref.Repository).blobs[manifest.Config.Digest.String()], &config); err != nil {
		w.t.Fatal(err)
	}
	return config
}
