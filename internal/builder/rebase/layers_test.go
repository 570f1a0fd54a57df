package rebase_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
)

// named gives the names that the fixtures made layers and DiffIDs from.
func (w world) named(manifest ocispec.Manifest) []string {
	var names []string
	for _, layer := range manifest.Layers {
		raw := w.in(appRepository).blobs[layer.Digest.String()]
		names = append(names, strings.TrimPrefix(string(raw), "compressed "))
	}
	return names
}

func TestLayersAreTheNewBasesAndThenTheApps(t *testing.T) {
	for name, test := range map[string]struct{ old, app, new, want []string }{
		"one for one":                     {[]string{"a"}, []string{"a", "x"}, []string{"b"}, []string{"b", "x"}},
		"a base with more layers":         {[]string{"a"}, []string{"a", "x"}, []string{"b", "c"}, []string{"b", "c", "x"}},
		"a base with fewer layers":        {[]string{"a", "b"}, []string{"a", "b", "x"}, []string{"c"}, []string{"c", "x"}},
		"a base that grew":                {[]string{"a"}, []string{"a", "x"}, []string{"a", "b"}, []string{"a", "b", "x"}},
		"an app without layers":           {[]string{"a"}, []string{"a"}, []string{"b"}, []string{"b"}},
		"the same layer twice":            {[]string{"a"}, []string{"a", "x", "x"}, []string{"b", "x"}, []string{"b", "x", "x", "x"}},
		"a base compressed otherwise now": {[]string{"a.zstd"}, []string{"a", "x"}, []string{"b.zstd"}, []string{"b.zstd", "x"}},
		"an app whose builder recompressed everything": {
			[]string{"a"}, []string{"a.zstd", "x.zstd"}, []string{"b"}, []string{"b", "x.zstd"},
		},
		"layers that are not compressed": {[]string{"a.tar"}, []string{"a.tar", "x.tar"}, []string{"b"}, []string{"b", "x.tar"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			from, to := w.push(baseRepository, made{layers: test.old}), w.push(baseRepository, made{layers: test.new})
			source := w.push(appRepository, made{layers: test.app})
			result := w.build(request(source, from, to))
			manifest := read[ocispec.Manifest](w, result)
			if got := w.named(manifest); !slices.Equal(got, test.want) {
				t.Errorf("got the layers %q, want %q", got, test.want)
			}
			for i, id := range w.config(result).RootFS.DiffIDs {
				if id.String() != diffID(test.want[i]) {
					t.Errorf("DiffID %d is not that of %s", i, test.want[i])
				}
				if got := manifest.Layers[i].MediaType; got != layerType(test.want[i], false) {
					t.Errorf("layer %d has the type %s", i, got)
				}
			}
		})
	}
}

func TestMediaTypesAreOfOneFamily(t *testing.T) {
	annotated := map[string]string{"org.example": "1"}
	for name, test := range map[string]struct {
		old, app, new made
		annotations   map[string]string
		docker        bool
	}{
		"OCI throughout": {
			old: made{layers: []string{"a"}}, app: made{layers: []string{"a", "x"}}, new: made{layers: []string{"b"}},
		},
		"Docker throughout": {
			old: made{layers: []string{"a"}, docker: true}, app: made{layers: []string{"a", "x"}, docker: true},
			new: made{layers: []string{"b", "c.zstd"}[:1], docker: true}, docker: true,
		},
		"a Docker app on an OCI base": {
			old: made{layers: []string{"a"}}, app: made{layers: []string{"a", "x"}, docker: true}, new: made{layers: []string{"b"}}, docker: true,
		},
		"an OCI app on a Docker base": {
			old: made{layers: []string{"a"}, docker: true}, app: made{layers: []string{"a", "x"}}, new: made{layers: []string{"b"}, docker: true},
		},
		"a Docker app that gets annotations becomes an OCI one": {
			old: made{layers: []string{"a"}, docker: true}, app: made{layers: []string{"a", "x"}, docker: true},
			new: made{layers: []string{"b"}, docker: true}, annotations: annotated,
		},
		"a Docker app that has annotations becomes an OCI one": {
			old: made{layers: []string{"a"}, docker: true}, app: made{layers: []string{"a", "x"}, docker: true, annotations: annotated},
			new: made{layers: []string{"b"}, docker: true},
		},
		"a Docker app on a base with zstd becomes an OCI one": {
			old: made{layers: []string{"a"}}, app: made{layers: []string{"a", "x"}, docker: true}, new: made{layers: []string{"b.zstd"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			req := request(w.push(appRepository, test.app), w.push(baseRepository, test.old), w.push(baseRepository, test.new))
			req.Annotations = test.annotations
			manifest := read[ocispec.Manifest](w, w.build(req))
			config, document := ocispec.MediaTypeImageConfig, ocispec.MediaTypeImageManifest
			if test.docker {
				config, document = dockerConfig, dockerManifest
			}
			if manifest.MediaType != document || manifest.Config.MediaType != config {
				t.Errorf("got a %s with a %s", manifest.MediaType, manifest.Config.MediaType)
			}
			for i, name := range w.named(manifest) {
				if got, want := manifest.Layers[i].MediaType, layerType(name, test.docker); got != want {
					t.Errorf("layer %s is %s, want %s", name, got, want)
				}
			}
		})
	}
}

func TestLayersKeepTheirAnnotations(t *testing.T) {
	w := newWorld(t)
	toc := map[string]string{"containerd.io/snapshot/stargz/toc.digest": "sha256:1"}
	seekable := func(m *ocispec.Manifest) { m.Layers[len(m.Layers)-1].Annotations = toc }
	req := request(w.push(appRepository, made{layers: []string{"a", "x"}, edit: seekable}),
		w.push(baseRepository, made{layers: []string{"a"}}), w.push(baseRepository, made{layers: []string{"b"}, edit: seekable}))
	for _, layer := range read[ocispec.Manifest](w, w.build(req)).Layers {
		if len(layer.Annotations) != 1 {
			t.Errorf("layer %s lost its annotations", layer.Digest)
		}
	}
}

func TestWhatCannotBeRebasedIsRefused(t *testing.T) {
	base := made{layers: []string{"a"}}
	app := made{layers: []string{"a", "x"}}
	typed := func(mediaType string) func(*ocispec.Manifest) {
		return func(m *ocispec.Manifest) { m.Layers[len(m.Layers)-1].MediaType = mediaType }
	}
	for name, test := range map[string]struct {
		old, app, new made
		want          string
	}{
		"an app on another base":           {made{layers: []string{"z"}}, app, made{layers: []string{"b"}}, "do not begin with those of"},
		"a base longer than the app":       {made{layers: []string{"a", "x", "y"}}, app, base, "do not begin with those of"},
		"an old base without layers":       {made{}, app, made{layers: []string{"b"}}, "do not begin with those of"},
		"a new base without layers":        {base, app, made{}, "has no layers"},
		"a new base for another OS":        {base, app, made{layers: []string{"b"}, platform: "windows/amd64"}, "not published for that platform"},
		"a new base for another processor": {base, app, made{layers: []string{"b"}, platform: "linux/arm64"}, "not published for that platform"},
		"a foreign layer of the app": {
			base, made{layers: []string{"a", "x"}, edit: typed("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")},
			made{layers: []string{"b"}}, "kept outside of registries",
		},
		"a layer of the base that is not to be distributed": {
			base, app, made{layers: []string{"b"}, edit: typed("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")}, "kept outside of registries",
		},
		"a layer that is somewhere else": {
			base, app, made{layers: []string{"b"}, edit: func(m *ocispec.Manifest) { m.Layers[0].URLs = []string{"https://a.example"} }},
			"kept outside of registries",
		},
		"a config that is somewhere else": {
			base, made{layers: app.layers, edit: func(m *ocispec.Manifest) { m.Config.URLs = []string{"https://a.example"} }},
			made{layers: []string{"b"}}, "kept outside of registries",
		},
		"an encrypted layer": {
			base, made{layers: []string{"a", "x"}, edit: typed("application/vnd.oci.image.layer.v1.tar+gzip+encrypted")},
			made{layers: []string{"b"}}, "no layer of files",
		},
		"a manifest with fewer layers than its config": {
			base, made{layers: []string{"a", "x"}, edit: func(m *ocispec.Manifest) { m.Layers = m.Layers[:1] }},
			made{layers: []string{"b"}}, "its manifest has 1 layers and its config tells of 2",
		},
		"an artifact": {
			base, made{layers: []string{"a", "x"}, edit: func(m *ocispec.Manifest) { m.Config.MediaType = "application/vnd.cncf.helm.config.v1+json" }},
			made{layers: []string{"b"}}, "no container image",
		},
		"a config without a platform":    {base, made{layers: app.layers, top: `{"os":""}`}, base, "names no platform"},
		"an environment that is no list": {base, made{layers: app.layers, run: `{"Env":"A=1"}`}, base, "Env"},
		"labels that are a list":         {base, made{layers: app.layers, run: `{"Labels":["a"]}`}, base, "Labels"},
		"a field in other capitals":      {base, made{layers: app.layers, run: `{"env":["A=1"]}`}, base, `"env" is spelled otherwise than "Env"`},
		"a whole config in capitals":     {base, made{layers: app.layers, top: `{"Config":{}}`}, base, `"Config" is spelled otherwise`},
		"layers by another digest":       {base, made{layers: app.layers, top: `{"rootfs":{"diff_ids":["sha512:1","a"]}}`}, base, "not a sha256 digest"},
		"layers on what is elsewhere":    {base, made{layers: app.layers, top: `{"rootfs":{"type":"layers+base"}}`}, base, "layers+base"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			req := request(w.push(appRepository, test.app), w.push(baseRepository, test.old), w.push(baseRepository, test.new))
			_, err := w.builder().Build(context.Background(), req, nil)
			var refused *builder.RefusedError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a refusal with %q", err, test.want)
			}
			if writes := w.count("P"); writes != 0 {
				t.Errorf("%d requests wrote something: %q", writes, w.requests)
			}
		})
	}
}
