package registry

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bounds on what a compressed layer may come to, in bytes.
const (
	// maxWindow is how far back a zstd frame may refer, all of which is held in memory. No level of zstd's, --ultra's
	// last two apart, needs more, nor does any of a builder's.
	maxWindow = 32 << 20
	// A layer may unpack to roomForAll and to roomForEach for every byte that it is stored as, which holds for files
	// that are mostly zeros as long as they are not huge.
	roomForAll  = 1 << 30
	roomForEach = 200
)

// roomFor is how much a layer of a stored size may unpack to, in bytes; ceiling bounds it.
func roomFor(stored, ceiling int64) int64 {
	return min(roomForAll+min(stored, ceiling)*roomForEach, ceiling)
}

// How compressed streams begin. A zstd stream may also begin with a frame that is to be skipped, of sixteen kinds.
var (
	magicGzip  = []byte{0x1f, 0x8b}
	magicZstd  = []byte{0x28, 0xb5, 0x2f, 0xfd}
	magicSkip  = []byte{0x2a, 0x4d, 0x18}
	magicXz    = []byte{0xfd, '7', 'z', 'X', 'Z', 0}
	magicBzip2 = []byte("BZh")
)

// decompress gives the tar stream within a layer. What the layer is, its first bytes say and not its media type, which
// is as runtimes do it. Layers that can be read in parts, eStargz and zstd:chunked, are ordinary streams to who reads
// all of them. The caller closes the stream.
func decompress(layer io.Reader) (io.ReadCloser, error) {
	peeked := bufio.NewReader(layer)
	// A layer that is shorter than this is for tar to judge, and an error comes back with the first reading.
	start, _ := peeked.Peek(8)
	switch {
	case bytes.HasPrefix(start, magicGzip):
		stream, err := gzip.NewReader(peeked)
		if err != nil {
			return nil, err
		}
		return stream, nil
	case bytes.HasPrefix(start, magicZstd), isSkippable(start):
		stream, err := zstd.NewReader(peeked, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return stream.IOReadCloser(), nil
	case bytes.HasPrefix(start, magicXz), bytes.HasPrefix(start, magicBzip2):
		return nil, fmt.Errorf("it is compressed in a way that the specification of images does not know; use gzip or zstd")
	}
	return io.NopCloser(peeked), nil
}

func isSkippable(start []byte) bool {
	return len(start) >= 4 && start[0]&0xf0 == 0x50 && bytes.Equal(start[1:4], magicSkip)
}
