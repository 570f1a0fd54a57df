package rebase_test

import (
	"io"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// imported puts a go-containerregistry image into a repository.
func (w world) imported(repository string, img v1.Image) image.Reference {
	w.t.Helper()
	raw, err := img.RawManifest()
	must(w.t, err)
	config, err := img.RawConfigFile()
	must(w.t, err)
	w.blob(repository, config)
	layers, err := img.Layers()
	must(w.t, err)
	for _, layer := range layers {
		stream, err := layer.Compressed()
		must(w.t, err)
		content, err := io.ReadAll(stream)
		must(w.t, err)
		w.blob(repository, content)
	}
	mediaType, err := img.MediaType()
	must(w.t, err)
	id, err := img.Digest()
	must(w.t, err)
	w.in(repository).manifests[id.String()] = stored{string(mediaType), raw}
	return image.Reference{Repository: repository, Digest: id.String()}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func randomImage(t testing.TB, layers int64) v1.Image {
	t.Helper()
	img, err := random.Image(64, layers)
	must(t, err)
	config, err := img.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	img, err = mutate.ConfigFile(img, config)
	must(t, err)
	return img
}

// on puts an image's layers on a base.
func on(t *testing.T, base, top v1.Image) v1.Image {
	t.Helper()
	layers, err := top.Layers()
	must(t, err)
	for _, layer := range layers {
		base, err = mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: "COPY"}})
		must(t, err)
	}
	return base
}

// stacked are an image's layers and DiffIDs, as go-containerregistry and as we rebase it.
func (w world) stacked(app, old, new v1.Image) (theirs, ours []string) {
	w.t.Helper()
	peer, err := mutate.Rebase(app, old, new)
	must(w.t, err)
	manifest, err := peer.Manifest()
	must(w.t, err)
	config, err := peer.ConfigFile()
	must(w.t, err)
	for _, layer := range manifest.Layers {
		theirs = append(theirs, layer.Digest.String())
	}
	for _, id := range config.RootFS.DiffIDs {
		theirs = append(theirs, id.String())
	}
	result := w.build(request(w.imported(appRepository, app), w.imported(baseRepository, old), w.imported(baseRepository, new)))
	for _, layer := range read[ocispec.Manifest](w, result).Layers {
		ours = append(ours, layer.Digest.String())
	}
	for _, id := range w.config(result).RootFS.DiffIDs {
		ours = append(ours, id.String())
	}
	return theirs, ours
}

func TestLayersAreThoseOfGoContainerRegistry(t *testing.T) {
	for range 5 {
		for _, layers := range [][3]int64{{1, 1, 1}, {2, 3, 1}, {3, 1, 4}, {1, 5, 2}} {
			w := newWorld(t)
			old, new := randomImage(t, layers[0]), randomImage(t, layers[2])
			theirs, ours := w.stacked(on(t, old, randomImage(t, layers[1])), old, new)
			if want := 2 * int(layers[1]+layers[2]); !slices.Equal(theirs, ours) || len(ours) != want {
				t.Errorf("%v layers: got %d of %q, and go-containerregistry %q", layers, want, ours, theirs)
			}
		}
	}
}

// TestWhereGoContainerRegistryLosesALayer holds ours against its worst mistake: it counts layers by history, and without
// one it drops the first of the app's layers and says nothing.
func TestWhereGoContainerRegistryLosesALayer(t *testing.T) {
	w := newWorld(t)
	old, new := forgetful(t, randomImage(t, 2)), forgetful(t, randomImage(t, 2))
	app := forgetful(t, on(t, old, randomImage(t, 2)))
	theirs, ours := w.stacked(app, old, new)
	if len(ours) != 2*(2+2) {
		t.Errorf("got %q", ours)
	}
	if slices.Equal(theirs, ours) {
		t.Error("go-containerregistry keeps all layers by now: this test can go")
	}
}

// forgetful is an image without its history.
func forgetful(t *testing.T, img v1.Image) v1.Image {
	t.Helper()
	config, err := img.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.History = nil
	img, err = mutate.ConfigFile(img, config)
	must(t, err)
	return img
}

// TestWhereGoContainerRegistryKeepsTheOldBase holds ours against its other one: it takes the app's whole config, what
// was inherited from the old base included.
func TestWhereGoContainerRegistryKeepsTheOldBase(t *testing.T) {
	w := newWorld(t)
	at := func(img v1.Image, env ...string) v1.Image {
		img, err := mutate.Config(img, v1.Config{Env: env})
		must(t, err)
		return img
	}
	old, new := at(randomImage(t, 1), "TLS=1.1"), at(randomImage(t, 1), "TLS=1.3")
	app := at(on(t, old, randomImage(t, 1)), "TLS=1.1", "APP=x")
	peer, err := mutate.Rebase(app, old, new)
	must(t, err)
	theirs, err := peer.ConfigFile()
	must(t, err)
	result := w.build(request(w.imported(appRepository, app), w.imported(baseRepository, old), w.imported(baseRepository, new)))
	if got := w.config(result).Config.Env; !slices.Equal(got, []string{"TLS=1.3", "APP=x"}) {
		t.Errorf("got %q", got)
	}
	if got := theirs.Config.Env; !slices.Equal(got, []string{"TLS=1.1", "APP=x"}) {
		t.Errorf("go-containerregistry follows the base by now, and gives %q: this test can go", got)
	}
}
