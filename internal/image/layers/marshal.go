package layers

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The binary form: format, the SHA-256 of all that follows, and then one zstd frame. In it are the DiffID, the number of
// entries, and what they are made of column by column, since like compresses well beside like; then the captured
// contents and versions. Numbers are varints, strings and lists come after their length.
const (
	// format ends in the version. A new version makes old facts unreadable, and layers are read again.
	format = "respin-layer\x01"
	// objectBit is set in the kind of an entry that holds machine code.
	objectBit = 0x80
	// maxForm bounds the form before it is compressed, in bytes: what the default limits allow takes less.
	maxForm = 72 << 20
)

var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
})

// MarshalBinary is encoding.BinaryMarshaler's. The same facts give the same bytes.
func (f Facts) MarshalBinary() ([]byte, error) {
	zip, err := encoder()
	if err != nil {
		return nil, err
	}
	form := f.form()
	if len(form) > maxForm {
		return nil, tooLarge("what is known of it takes more than %d bytes", maxForm)
	}
	frame := zip.EncodeAll(form, nil)
	sum := sha256.Sum256(frame)
	return slices.Concat([]byte(format), sum[:], frame), nil
}

func (f Facts) form() form {
	var out form
	out.text(f.DiffID)
	out.number(len(f.Entries))
	out.kinds(f.Entries)
	out.paths(f.Entries)
	out.metas(f.Entries)
	for _, e := range f.Entries {
		if e.Kind == File {
			out = append(binary.AppendUvarint(out, uint64(e.Size)), e.Content[:]...)
		}
	}
	out.number(len(f.Contents))
	for _, at := range slices.Sorted(maps.Keys(f.Contents)) {
		out.text(at)
		out.text(string(f.Contents[at]))
	}
	out.number(len(f.Versions))
	for _, at := range slices.Sorted(maps.Keys(f.Versions)) {
		out.text(at)
		out.text(f.Versions[at])
	}
	return out
}

// form is the binary form while it is written.
type form []byte

func (f *form) number(n int) { *f = binary.AppendUvarint(*f, uint64(n)) }

func (f *form) signed(n int) { *f = binary.AppendVarint(*f, int64(n)) }

func (f *form) text(s string) {
	f.number(len(s))
	*f = append(*f, s...)
}

func (f *form) kinds(entries []Entry) {
	for _, e := range entries {
		kind := byte(e.Kind)
		if e.Object {
			kind |= objectBit
		}
		*f = append(*f, kind)
	}
}

// paths are written as what differs from the path before. A link follows where the kind has one.
func (f *form) paths(entries []Entry) {
	before := ""
	for _, e := range entries {
		shared := sharedPrefix(before, e.Path)
		f.number(shared)
		f.text(e.Path[shared:])
		if e.Kind.linked() {
			f.text(e.Link)
		}
		before = e.Path
	}
}

// owned is what many entries have in common: whose they are, and who may do what with them.
type owned struct {
	meta     Sum
	mode     uint16
	uid, gid int
}

// metas are a list of distinct ones, and for each entry its number in it.
func (f *form) metas(entries []Entry) {
	var distinct []owned
	numbers, at := make([]int, len(entries)), map[owned]int{}
	for i, e := range entries {
		o := owned{e.Meta, e.Mode, e.UID, e.GID}
		n, known := at[o]
		if !known {
			n = len(distinct)
			at[o], distinct = n, append(distinct, o)
		}
		numbers[i] = n
	}
	f.number(len(distinct))
	for _, o := range distinct {
		*f = append(*f, o.meta[:]...)
		f.number(int(o.mode))
		f.signed(o.uid)
		f.signed(o.gid)
	}
	for _, n := range numbers {
		f.number(n)
	}
}

// linked reports whether an entry of the kind has a Link.
func (k Kind) linked() bool { return k == Symlink || k == Hardlink }

func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
