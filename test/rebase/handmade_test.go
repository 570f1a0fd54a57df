//go:build integration

package rebase

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"github.com/google/go-containerregistry/pkg/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// making makes an image on a base.
type making = func(testing.TB, v1.Image) v1.Image

// adding adds a layer of its own for each list of entries.
func adding(layers ...[]entry) making {
	return func(t testing.TB, below v1.Image) v1.Image {
		t.Helper()
		for _, entries := range layers {
			below = appended(t, below, layer(t, released, entries...))
		}
		return below
	}
}

// streaming adds a layer whose stream is written by a function.
func streaming(write func(testing.TB, *tar.Writer)) making {
	return func(t testing.TB, below v1.Image) v1.Image {
		t.Helper()
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		write(t, w)
		must(t, w.Close())
		return appended(t, below, compressed(t, b.Bytes(), types.OCILayer))
	}
}

func appended(t testing.TB, below v1.Image, layers ...v1.Layer) v1.Image {
	t.Helper()
	for _, l := range layers {
		var err error
		below, err = mutate.Append(below, mutate.Addendum{Layer: l, History: v1.History{CreatedBy: "COPY file / # by hand"}})
		must(t, err)
	}
	return below
}

// put writes an entry as its header says.
func put(t testing.TB, w *tar.Writer, header tar.Header, content string) {
	t.Helper()
	header.Size = int64(len(content))
	must(t, w.WriteHeader(&header))
	_, err := io.WriteString(w, content)
	must(t, err)
}

// reconfigured changes the configuration file.
func reconfigured(how func(*v1.ConfigFile)) making {
	return func(t testing.TB, image v1.Image) v1.Image {
		t.Helper()
		file, err := image.ConfigFile()
		must(t, err)
		file = file.DeepCopy()
		how(file)
		image, err = mutate.ConfigFile(image, file)
		must(t, err)
		return image
	}
}

// withoutHistory is what some builders make.
func withoutHistory(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return reconfigured(func(c *v1.ConfigFile) { c.History = nil })(t, image)
}

// rebuilt makes an image of the same configuration from layers that were changed, in manifests of another media type.
func rebuilt(t testing.TB, image v1.Image, manifest, config types.MediaType, how func(int, v1.Layer) v1.Layer) v1.Image {
	t.Helper()
	layers, err := image.Layers()
	must(t, err)
	file, err := image.ConfigFile()
	must(t, err)
	file = file.DeepCopy()
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, manifest), config)
	for i, l := range layers {
		made, err = mutate.AppendLayers(made, how(i, l))
		must(t, err)
	}
	made, err = mutate.ConfigFile(made, file)
	must(t, err)
	return made
}

// asDocker says an image in Docker's media types.
func asDocker(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return rebuilt(t, image, types.DockerManifestSchema2, types.DockerConfigJSON, func(_ int, l v1.Layer) v1.Layer {
		return recompress(t, l, compression.GZip, 6, types.DockerLayer)
	})
}

// mixed says an OCI image's layers in Docker's media types.
func mixed(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return rebuilt(t, image, types.OCIManifestSchema1, types.OCIConfigJSON, func(i int, l v1.Layer) v1.Layer {
		return recompress(t, l, compression.GZip, 6, []types.MediaType{types.DockerLayer, types.OCILayer}[i%2])
	})
}

// compressedAgain has other digests for the same layers.
func compressedAgain(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return rebuilt(t, image, types.OCIManifestSchema1, types.OCIConfigJSON, func(_ int, l v1.Layer) v1.Layer {
		return recompress(t, l, compression.GZip, 1, types.OCILayer)
	})
}

// inZstd has the layers in zstd.
func inZstd(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return rebuilt(t, image, types.OCIManifestSchema1, types.OCIConfigJSON, func(_ int, l v1.Layer) v1.Layer {
		return recompress(t, l, compression.ZStd, 1, types.OCILayerZStd)
	})
}

func recompress(t testing.TB, l v1.Layer, how compression.Compression, level int, mediaType types.MediaType) v1.Layer {
	t.Helper()
	stream, err := l.Uncompressed()
	must(t, err)
	content, err := io.ReadAll(stream)
	must(t, err)
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	made, err := tarball.LayerFromOpener(opener, tarball.WithMediaType(mediaType), tarball.WithCompression(how),
		tarball.WithCompressionLevel(level), tarball.WithCompressedCaching)
	must(t, err)
	return made
}
