package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const applets = "sh cat echo false mkdir sleep test touch true"

// shell is a layer with a static busybox. It is made once: compressing it takes longer than anything else here.
var shell = sync.OnceValues(func() (v1.Layer, error) {
	binary, err := os.ReadFile("/bin/busybox")
	if err != nil {
		return nil, fmt.Errorf("a static busybox is needed for base images; Debian's package is busybox-static: %w", err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err = write(w, "bin/busybox", binary)
	for _, applet := range strings.Fields(applets) {
		link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + applet, Linkname: "busybox"}
		err = errors.Join(err, w.WriteHeader(link))
	}
	err = errors.Join(err, w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp", Mode: 0o1777}), w.Close())
	return asLayer(b.Bytes(), err)
})

// files is a layer with files that may be executed.
func files(content map[string]string) (v1.Layer, error) {
	var b bytes.Buffer
	var err error
	w := tar.NewWriter(&b)
	for _, path := range slices.Sorted(maps.Keys(content)) {
		err = errors.Join(err, write(w, path, []byte(content[path])))
	}
	err = errors.Join(err, w.Close())
	return asLayer(b.Bytes(), err)
}

func write(w *tar.Writer, path string, content []byte) error {
	err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o755, Size: int64(len(content))})
	_, writeErr := w.Write(content)
	return errors.Join(err, writeErr)
}

func asLayer(raw []byte, err error) (v1.Layer, error) {
	if err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	return tarball.LayerFromOpener(opener, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}
