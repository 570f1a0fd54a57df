package registry

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, content []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(content, nil)
}

// lookingBack is a zstd stream that says it refers back so far, in bytes.
func lookingBack(t *testing.T, window int, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	// Flushed, so that the frame's header is written before the content's size is known.
	if _, err := w.Write(content); err != nil || w.Flush() != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLayersAreDecompressedByTheirFirstBytes(t *testing.T) {
	content := []byte(strings.Repeat("a layer's files ", 1000))
	half := len(content) / 2
	skippable := []byte{0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'T', 'O', 'C'}
	tests := map[string]struct {
		stored []byte
		says   string // empty where the content comes out
	}{
		"a plain one":                  {content, ""},
		"gzip":                         {gzipped(t, content), ""},
		"gzip in parts, as eStargz":    {append(gzipped(t, content[:half]), gzipped(t, content[half:])...), ""},
		"zstd":                         {zstandard(t, content), ""},
		"zstd in frames":               {append(zstandard(t, content[:half]), zstandard(t, content[half:])...), ""},
		"zstd:chunked, with its table": {append(zstandard(t, content), skippable...), ""},
		"zstd with a table first":      {append(bytes.Clone(skippable), zstandard(t, content)...), ""},
		"gzip that is cut off":         {gzipped(t, content)[:40], "unexpected EOF"},
		"gzip with something after":    {append(gzipped(t, content), "something else"...), "invalid header"},
		"zstd that is cut off":         {zstandard(t, content)[:20], "unexpected EOF"},
		"zstd that looks far back":     {lookingBack(t, maxWindow, content), ""},
		"zstd that looks back too far": {
			lookingBack(t, 2*maxWindow, content), "window size exceeded",
		},
		"xz":    {append(bytes.Clone(magicXz), content...), "use gzip or zstd"},
		"bzip2": {[]byte("BZh91AY&SY"), "use gzip or zstd"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []byte
			stream, err := decompress(bytes.NewReader(tt.stored))
			if err == nil {
				got, err = io.ReadAll(stream)
				stream.Close()
			}
			if tt.says == "" && (err != nil || !bytes.Equal(got, content)) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
			if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestALayerOfNothingIsLeftToTar(t *testing.T) {
	for _, stored := range []string{"", "\x1f", "short"} {
		stream, err := decompress(strings.NewReader(stored))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(stream); err != nil || string(got) != stored {
			t.Errorf("%q gives %q, %v", stored, got, err)
		}
	}
}

func TestRoomForALayer(t *testing.T) {
	const ceiling = 16 << 30
	tests := map[string]struct{ stored, want int64 }{
		"a small layer may hold zeros":         {1 << 10, roomForAll + roomForEach<<10},
		"a large one is bounded by what it is": {10 << 20, roomForAll + 10<<20*roomForEach},
		"a huge one is bounded for good":       {1 << 30, ceiling},
		"no size is too large to be judged":    {1 << 62, ceiling},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := roomFor(tt.stored, ceiling); got != tt.want {
				t.Errorf("%d; want %d", got, tt.want)
			}
		})
	}
}
