package bench

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"path"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// archive is a layer on the way: what its seed and its files say, and nothing else.
type archive struct {
	t testing.TB
	// at dates the files that are added next.
	at      time.Time
	bytes   bytes.Buffer
	tar     *tar.Writer
	folders map[string]bool
}

func newArchive(t testing.TB, at time.Time) *archive {
	a := &archive{t: t, at: at, folders: map[string]bool{}}
	a.tar = tar.NewWriter(&a.bytes)
	return a
}

func (a *archive) file(name, content string) {
	a.t.Helper()
	a.folder(path.Dir(name))
	must(a.t, a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), ModTime: a.at}))
	_, err := io.WriteString(a.tar, content)
	must(a.t, err)
}

func (a *archive) folder(name string) {
	if name == "." || a.folders[name] {
		return
	}
	a.folder(path.Dir(name))
	a.folders[name] = true
	must(a.t, a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, ModTime: a.at}))
}

// random adds a file that cannot be compressed. The same seed gives the same file.
func (a *archive) random(name, seed string, size int) {
	a.t.Helper()
	content := make([]byte, size)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(seed))).Read(content)
	a.file(name, string(content))
}

// layer ends the archive, and gives it compressed.
func (a *archive) layer() v1.Layer {
	a.t.Helper()
	must(a.t, a.tar.Close())
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(a.bytes.Bytes())), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressedCaching, tarball.WithCompressionLevel(gzip.BestSpeed))
	must(a.t, err)
	return layer
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
