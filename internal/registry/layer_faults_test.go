package registry

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image/layers"
	"github.com/respin-dev/respin/internal/image/safety"
)

func TestLayersAreCheckedBeforeTheyAreBelieved(t *testing.T) {
	plain := layerTar(t, "etc/one", "1")
	stored := gzipped(t, plain)
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(stored[:20])
	}
	nothing := func(*safety.Layer) {}
	tests := map[string]struct {
		stored []byte
		edit   func(*safety.Layer)
		fault  http.HandlerFunc
		kind   Kind
		says   string
	}{
		"another DiffID":           {stored, func(l *safety.Layer) { l.DiffID = diffID("x", 0) }, nil, BadContent, "its config says"},
		"no DiffID":                {stored, func(l *safety.Layer) { l.DiffID = "" }, nil, BadContent, "its config says"},
		"other bytes":              {stored, nothing, status(200, strings.Repeat("x", len(stored))), BadContent, "not what its digest says"},
		"fewer bytes":              {stored, nothing, status(200, string(stored[:20])), BadContent, "ends after 20 of"},
		"a byte more":              {stored, nothing, status(200, string(stored)+"!"), BadContent, "more than the"},
		"a size that is too low":   {stored, func(l *safety.Layer) { l.Layer.Size-- }, nil, BadContent, "more than the"},
		"a size that is too high":  {stored, func(l *safety.Layer) { l.Layer.Size++ }, nil, BadContent, "ends after"},
		"a size beyond all bounds": {stored, func(l *safety.Layer) { l.Layer.Size = 1 << 40 }, nil, BadContent, "no more than 8388608 are read"},
		"a digest that is none":    {stored, func(l *safety.Layer) { l.Layer.Digest = "sha256:../x" }, nil, BadContent, "not a sha256 digest"},
		"a foreign layer": {stored, func(l *safety.Layer) {
			l.Layer.MediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
		}, nil, BadContent, "foreign"},
		"a layer not to be distributed": {stored, func(l *safety.Layer) {
			l.Layer.MediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar"
		}, nil, BadContent, "foreign"},
		"gzip that is cut off":     {stored[:40], nothing, nil, BadContent, "cannot be looked into"},
		"something after the gzip": {append(bytes.Clone(stored), "something else"...), nothing, nil, BadContent, "cannot be looked into"},
		"no archive":               {[]byte(strings.Repeat("no archive", 100)), nothing, nil, BadContent, "malformed"},
		"another compression":      {magicXz, nothing, nil, BadContent, "use gzip or zstd"},
		"a bomb":                   {zeros(t, 1<<30), nothing, nil, BadContent, "too large"},
		"a connection cut":         {stored, nothing, cut, Unreachable, "closed the connection"},
		"nothing for long":         {stored, nothing, standing(""), Unreachable, "did not answer in time"},
		"nothing more for long":    {stored, nothing, standing(string(stored[:20])), Unreachable, "did not answer in time"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			needed := f.putLayer(plain, tt.stored)
			tt.edit(&needed)
			if tt.fault != nil {
				f.fault = serving(tt.fault)
			}
			c := f.client(inFolder(t.TempDir()), func(o *Options) { o.Timeout = 500 * time.Millisecond })
			c.library.limits.Bytes = 8 << 20
			facts, err := c.Layers(t.Context(), []safety.Layer{needed})
			if KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) || facts != nil {
				t.Fatalf("got %+v, %s: %v", facts, KindOf(err), err)
			}
			if len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("not fit to be shown: %q", err)
			}
			f.fault = nil
			right := f.putLayer(plain, stored)
			learn(t, c, right)
		})
	}
}

// zeros is a layer with a file of so many zeros, in a zstd frame that repeats a block: four bytes for 128 KiB.
func zeros(t *testing.T, size int64) []byte {
	t.Helper()
	const block, window = 128 << 10, 7 << 3
	frame := append(bytes.Clone(magicZstd), 0, window)
	header := layerTar(t, "zeros", "")[:512]
	copy(header[124:136], []byte("\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	binary.BigEndian.PutUint64(header[128:136], uint64(size))
	sum := 0
	copy(header[148:156], "        ")
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:156], []byte(octal(sum)))
	frame = append(frame, blockHeader(len(header), 0)...)
	frame = append(frame, header...)
	for ; size > 0; size -= block {
		frame = append(append(frame, blockHeader(block, 1)...), 0)
	}
	return append(frame, blockHeader(0, 0)[0]|1, 0, 0)
}

// octal is a number of six digits as tar writes it.
func octal(n int) string {
	digits := make([]byte, 6)
	for i := range digits {
		digits[5-i] = byte('0' + n>>(3*i)&7)
	}
	return string(digits) + "\x00 "
}

// blockHeader is a zstd block's, of a size in bytes, raw (0) or repeated (1).
func blockHeader(size, kind int) []byte {
	n := size<<3 | kind<<1
	return []byte{byte(n), byte(n >> 8), byte(n >> 16)}
}

func TestOneCallLearnsOnlySoMuch(t *testing.T) {
	f := newFake(t)
	one, two := layerTar(t, "etc/one", "1"), layerTar(t, "etc/two", "2")
	needed := []safety.Layer{f.putLayer(one, one), f.putLayer(two, two)}
	c := f.client()
	c.library.together = costOf(learn(t, c, needed[0])[needed[0].DiffID]) * 3 / 2
	if _, err := c.Layers(t.Context(), needed); KindOf(err) != BadContent {
		t.Errorf("got %v", err)
	}
	learn(t, c, needed[1])
}

func TestCostIsAboutWhatFactsTake(t *testing.T) {
	small := layers.Facts{DiffID: digest.FromString("").String()}
	large := layers.Facts{
		Entries:  []layers.Entry{{Path: strings.Repeat("x", 1000), Link: strings.Repeat("y", 1000)}},
		Contents: map[string][]byte{"a": make([]byte, 1000)}, Versions: map[string]string{"b": strings.Repeat("z", 1000)},
	}
	if s, l := costOf(small), costOf(large); s > 200 || l < 4000 || l > 5000 {
		t.Errorf("%d and %d", s, l)
	}
}
