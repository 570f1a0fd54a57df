package layers

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// ErrUnreadable says that bytes are not what MarshalBinary of this version wrote.
var ErrUnreadable = errors.New("these are not facts of a layer")

var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxForm))
})

// UnmarshalBinary is encoding.BinaryUnmarshaler's. It takes nothing that exceeds DefaultLimits, and its error is
// ErrUnreadable: the layer has to be read again.
func (f *Facts) UnmarshalBinary(data []byte) error {
	frame, ok := bytes.CutPrefix(data, []byte(format))
	if !ok || len(frame) < sha256.Size {
		return fmt.Errorf("%w: they are of another format", ErrUnreadable)
	}
	if sum := sha256.Sum256(frame[sha256.Size:]); !bytes.Equal(sum[:], frame[:sha256.Size]) {
		return fmt.Errorf("%w: they are damaged", ErrUnreadable)
	}
	unzip, err := decoder()
	if err != nil {
		return err
	}
	form, err := unzip.DecodeAll(frame[sha256.Size:], nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	facts, err := parse(form)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	*f = facts
	return nil
}

// parse reads the form that Facts.form wrote.
func parse(data []byte) (Facts, error) {
	p := &parser{left: data}
	facts := Facts{DiffID: p.text(maxDigest)}
	facts.Entries = p.kinds()
	p.paths(facts.Entries)
	p.metas(facts.Entries)
	p.files(facts.Entries)
	facts.Contents = captured(p, DefaultLimits.Capture, func(s string) []byte { return []byte(s) })
	facts.Versions = captured(p, overlap, strings.Clone)
	if len(p.left) > 0 {
		p.fail("something follows")
	}
	if p.err != nil {
		return Facts{}, p.err
	}
	return facts, nil
}

// maxDigest is the length of the longest digest that is taken.
const maxDigest = 128

// parser reads the form from its beginning. After an error it gives zero values.
type parser struct {
	left []byte
	err  error
}

func (p *parser) fail(why string) {
	if p.err == nil {
		p.err = errors.New(why)
	}
	p.left = nil
}

// number is at most max.
func (p *parser) number(most int) int {
	n, size := binary.Uvarint(p.left)
	if size <= 0 || n > uint64(most) {
		p.fail("a number is out of bounds")
		return 0
	}
	p.left = p.left[size:]
	return int(n)
}

func (p *parser) signed() int {
	n, size := binary.Varint(p.left)
	if size <= 0 {
		p.fail("a number is out of bounds")
		return 0
	}
	p.left = p.left[size:]
	return int(n)
}

// take takes bytes without copying them.
func (p *parser) take(n int) []byte {
	if n > len(p.left) {
		p.fail("they end early")
		return nil
	}
	taken := p.left[:n]
	p.left = p.left[n:]
	return taken
}

func (p *parser) text(most int) string { return string(p.take(p.number(most))) }

func (p *parser) sum() (s Sum) {
	copy(s[:], p.take(len(s)))
	return s
}

func (p *parser) kinds() []Entry {
	// No more entries are made than there are bytes for.
	kinds := p.take(p.number(DefaultLimits.Entries))
	if len(kinds) == 0 {
		return nil
	}
	entries := make([]Entry, len(kinds))
	for i, kind := range kinds {
		entries[i].Kind, entries[i].Object = Kind(kind&^objectBit), kind&objectBit != 0
		if entries[i].Kind < File || entries[i].Kind > Opaque {
			p.fail("an entry is of no kind")
		}
	}
	return entries
}

// paths holds entries to the limits and to the form that Read gives them.
func (p *parser) paths(entries []Entry) {
	bounds, before := newBounds(DefaultLimits), ""
	for i := range entries {
		e := &entries[i]
		e.Path = before[:p.number(len(before))] + string(p.take(p.number(DefaultLimits.Path)))
		if e.Kind.linked() {
			e.Link = p.text(DefaultLimits.Path)
		}
		if p.err == nil && !wellFormed(*e) {
			p.fail("a path is not clean")
		}
		if err := bounds.add(*e); err != nil {
			p.fail(err.Error())
		}
		if p.err != nil {
			return
		}
		before = e.Path
	}
}

func wellFormed(e Entry) bool {
	path, err := clean(e.Path)
	if err != nil || path != e.Path {
		return false
	}
	link, err := clean(e.Link)
	return e.Kind != Hardlink || err == nil && link == e.Link
}

func (p *parser) metas(entries []Entry) {
	distinct := make([]owned, p.number(min(len(entries), len(p.left)/len(Sum{}))))
	for i := range distinct {
		distinct[i] = owned{p.sum(), uint16(p.number(permissions)), p.signed(), p.signed()}
	}
	for i := range entries {
		n := p.number(len(distinct))
		if n >= len(distinct) {
			p.fail("a number is out of bounds")
			return
		}
		e, o := &entries[i], distinct[n]
		e.Meta, e.Mode, e.UID, e.GID = o.meta, o.mode, o.uid, o.gid
	}
}

func (p *parser) files(entries []Entry) {
	for i := range entries {
		if entries[i].Kind == File {
			entries[i].Size = int64(p.number(math.MaxInt64))
			entries[i].Content = p.sum()
		}
	}
}

// captured reads values by path, each of at most so many bytes; nil if there are none.
func captured[V any](p *parser, most int, value func(string) V) map[string]V {
	var found map[string]V
	for range p.number(DefaultLimits.Captures) {
		at := p.text(DefaultLimits.Path)
		v := value(p.text(most))
		if found == nil {
			found = map[string]V{}
		}
		found[at] = v
	}
	return found
}
