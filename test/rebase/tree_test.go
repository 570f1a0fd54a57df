//go:build integration

package rebase

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"io"
	"path"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// entry is one of a layer's tar stream.
type entry struct {
	header  tar.Header
	content string
}

func file(name, content string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, content}
}

func program(name, content string) entry { return file(name, content).mode(0o755) }

func folder(name string) entry {
	return entry{header: tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755}}
}

func symlink(name, target string) entry {
	return entry{header: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}}
}

// hardlink is another name for the file at a path.
func hardlink(name, of string) entry {
	return entry{header: tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: of, Mode: 0o644}}
}

// whiteout removes what the layers below have at a path.
func whiteout(name string) entry { return file(path.Join(path.Dir(name), ".wh."+path.Base(name)), "") }

// opaque hides what the layers below have in a folder.
func opaque(name string) entry { return file(path.Join(name, ".wh..wh..opq"), "") }

func (e entry) mode(mode int64) entry {
	e.header.Mode = mode
	return e
}

func (e entry) owner(uid, gid int) entry {
	e.header.Uid, e.header.Gid = uid, gid
	return e
}

func (e entry) attribute(name, value string) entry {
	e.header.PAXRecords = map[string]string{"SCHILY.xattr." + name: value}
	return e
}

// raw writes the stream of a layer, all of it dated alike.
func raw(t testing.TB, at time.Time, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		header := e.header
		header.Size, header.ModTime = int64(len(e.content)), at
		must(t, w.WriteHeader(&header))
		_, err := io.WriteString(w, e.content)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// kept are layers, by their streams: compressing a shell takes longer than anything else that a shape does here.
var kept sync.Map

func layer(t testing.TB, at time.Time, entries ...entry) v1.Layer {
	t.Helper()
	stream := raw(t, at, entries...)
	key := sha256.Sum256(stream)
	if known, ok := kept.Load(key); ok {
		l, _ := known.(v1.Layer)
		return l
	}
	l := compressed(t, stream, types.OCILayer)
	kept.Store(key, l)
	return l
}

// compressed is a layer with a stream, as gzip.
func compressed(t testing.TB, stream []byte, mediaType types.MediaType) v1.Layer {
	t.Helper()
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stream)), nil }
	l, err := tarball.LayerFromOpener(opener, tarball.WithMediaType(mediaType), tarball.WithCompressedCaching)
	must(t, err)
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
