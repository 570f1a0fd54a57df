//go:build integration

package buildkit_test

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var platforms = []string{"linux/amd64", "linux/arm64"}

// movedBase is a base image whose tag moved from one index to another. /version in it tells which one it is of; each
// movedBase holds something that no other does.
type movedBase struct {
	reference       string // host/repository:12
	from, fromAMD64 string // digests of the old index and of its manifest for linux/amd64
	to              string // digest of the index that the tag is at
	elder           string // digest of an index that the tag was at long before
}

func (m movedBase) repositoryAt(digest string) string {
	repository, _, _ := cutTag(m.reference)
	return repository + "@" + digest
}

func (m movedBase) pinned() string { return m.repositoryAt(m.to) }

func moveBase(t *testing.T) movedBase {
	t.Helper()
	m := movedBase{reference: newRepository(t) + ":12"}
	m.elder = pushBase(t, m.reference, "elder")
	m.from = pushBase(t, m.reference, "old")
	m.fromAMD64 = digestOf(t, child(t, readIndex(t, m.reference), "linux/amd64"))
	m.to = pushBase(t, m.reference, "new")
	return m
}

func pushBase(t *testing.T, reference, version string) string {
	t.Helper()
	var index v1.ImageIndex = empty.Index
	for _, platform := range platforms {
		image := baseImage(t, reference, platform, version)
		p, _ := v1.ParsePlatform(platform)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: p}})
	}
	if err := remote.WriteIndex(parse(t, reference), index); err != nil {
		t.Fatal(err)
	}
	return digestOf(t, index)
}

// baseImage holds a shell whatever its platform says: commands run on the platform of this machine only.
func baseImage(t *testing.T, repository, platform, version string) v1.Image {
	t.Helper()
	p, _ := v1.ParsePlatform(platform)
	image := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	config, _ := image.ConfigFile()
	config.OS, config.Architecture, config.Config.Env = p.OS, p.Architecture, []string{"PATH=/bin"}
	image, err := mutate.ConfigFile(image, config)
	must(t, err)
	shell, err := shellLayer()
	must(t, err)
	image, err = mutate.AppendLayers(image, shell,
		layer(t, map[string]string{"version": version + " " + platform, "repository": repository}))
	must(t, err)
	return image
}

// shellLayer is made once: compressing it takes longer than anything else that these tests do.
var shellLayer = sync.OnceValues(func() (v1.Layer, error) {
	shell, err := os.ReadFile("/bin/busybox")
	if err != nil {
		return nil, fmt.Errorf("a static busybox is needed for the base image: %w", err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err = errors.Join(w.WriteHeader(fileHeader("bin/busybox", len(shell))), writeAll(w, shell))
	for _, applet := range strings.Fields("sh cat date echo mkdir printf seq sleep true") {
		link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + applet, Linkname: "busybox", ModTime: epoch}
		err = errors.Join(err, w.WriteHeader(link))
	}
	return asLayer(&b, errors.Join(err, w.Close()))
})

func layer(t *testing.T, files map[string]string) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		must(t, w.WriteHeader(fileHeader(path, len(files[path]))))
		must(t, writeAll(w, []byte(files[path])))
	}
	l, err := asLayer(&b, w.Close())
	must(t, err)
	return l
}

// fileHeader dates a file later than the epoch of the tests, so that rewriting it would show.
func fileHeader(path string, size int) *tar.Header {
	return &tar.Header{Name: path, Mode: 0o755, Size: int64(size), ModTime: epoch.Add(time.Hour)}
}

func writeAll(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}

func asLayer(b *bytes.Buffer, err error) (v1.Layer, error) {
	if err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}

// derive pushes an image that was built on the moved base by someone else.
func derive(t *testing.T, m movedBase) string {
	t.Helper()
	image, err := mutate.AppendLayers(child(t, readIndex(t, m.pinned()), "linux/amd64"), layer(t, map[string]string{"more": "more"}))
	must(t, err)
	reference := newRepository(t) + ":derived"
	must(t, remote.Write(parse(t, reference), image))
	return reference
}

func pushTag(t *testing.T, from, to string) {
	t.Helper()
	tag, err := name.NewTag(to, name.Insecure)
	must(t, err)
	must(t, remote.Tag(tag, readIndex(t, from)))
}

// newRepository is unlike every other, so that tests share a registry and a build cache without meeting.
func newRepository(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%s/builder-test/%s", env(t, "REGISTRY"), unique())
}

func output(t *testing.T) string {
	t.Helper()
	return newRepository(t) + ":patched"
}

func unique() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func cutTag(reference string) (repository, tag string, found bool) {
	i := strings.LastIndex(reference, ":")
	return reference[:i], reference[i+1:], i >= 0
}
