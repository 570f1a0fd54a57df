//go:build integration

package buildkit_test

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
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
	shell, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Fatalf("a static busybox is needed for the base image: %v", err)
	}
	p, _ := v1.ParsePlatform(platform)
	image := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	config, _ := image.ConfigFile()
	config.OS, config.Architecture, config.Config.Env = p.OS, p.Architecture, []string{"PATH=/bin"}
	image, err = mutate.ConfigFile(image, config)
	must(t, err)
	image, err = mutate.AppendLayers(image, layer(t, map[string][]byte{"bin/busybox": shell}, "bin/sh"),
		layer(t, map[string][]byte{"version": []byte(version + " " + platform), "repository": []byte(repository)}))
	must(t, err)
	return image
}

// layer dates its files later than the epoch of the tests, so that rewriting them would show.
func layer(t *testing.T, files map[string][]byte, links ...string) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for path, data := range files {
		must(t, w.WriteHeader(&tar.Header{Name: path, Mode: 0o755, Size: int64(len(data)), ModTime: epoch.Add(time.Hour)}))
		_, err := w.Write(data)
		must(t, err)
	}
	for _, applet := range append(links, busyboxLinks(links)...) {
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: applet, Linkname: "busybox", ModTime: epoch.Add(time.Hour)}))
	}
	must(t, w.Close())
	l, err := tarball.LayerFromOpener(openerOf(b.Bytes()), tarball.WithMediaType(types.OCILayer))
	must(t, err)
	return l
}

func busyboxLinks(links []string) []string {
	if len(links) == 0 {
		return nil
	}
	var applets []string
	for _, a := range strings.Fields("cat date echo mkdir printf seq sleep true") {
		applets = append(applets, "bin/"+a)
	}
	return applets
}

// derive pushes an image that was built on the moved base by someone else.
func derive(t *testing.T, m movedBase) string {
	t.Helper()
	image, err := mutate.AppendLayers(child(t, readIndex(t, m.pinned()), "linux/amd64"), layer(t, map[string][]byte{"more": []byte("more")}))
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
