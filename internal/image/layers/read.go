package layers

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// Read reads a layer's uncompressed tar stream to its end, past the archive's own. The error is ErrMalformed,
// ErrTooLarge or what the reader failed with; no two readings of the same bytes differ.
func Read(r io.Reader, limits Limits) (Facts, error) {
	stream := &stream{from: r, left: limits.Bytes, digest: sha256.New()}
	reading := &reading{
		limits: limits, stream: stream, archive: tar.NewReader(stream),
		bounds: newBounds(limits), buffer: make([]byte, 64<<10), content: sha256.New(),
	}
	err := reading.entries()
	if err == nil {
		err = reading.drain()
	}
	if err == nil {
		err = unambiguous(reading.facts.Entries)
	}
	if stream.err != nil {
		err = stream.err
	}
	if err != nil {
		return Facts{}, err
	}
	reading.facts.tidy()
	reading.facts.DiffID = "sha256:" + hex.EncodeToString(stream.digest.Sum(nil))
	return reading.facts, nil
}

// tidy leaves no empty maps behind, so that equal facts are equal.
func (f *Facts) tidy() {
	if len(f.Contents) == 0 {
		f.Contents = nil
	}
	if len(f.Versions) == 0 {
		f.Versions = nil
	}
}

// stream hashes and counts what is read through it, and remembers why it ended early.
type stream struct {
	from   io.Reader
	left   int64
	read   int64
	digest hash.Hash
	err    error
}

// Read is io.Reader's.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	s.digest.Write(p[:n])
	s.read += int64(n)
	if s.left -= int64(n); s.left < 0 && s.err == nil {
		s.err = tooLarge("its files take more than %d bytes", s.read+s.left)
	}
	if err != nil && !errors.Is(err, io.EOF) && s.err == nil {
		s.err = fmt.Errorf("reading the layer: %w", err)
	}
	if s.err != nil {
		return n, s.err
	}
	return n, err
}

// reading is one call of Read.
type reading struct {
	limits  Limits
	bounds  *bounds
	stream  *stream
	archive *tar.Reader
	facts   Facts
	// expand is the size of all files' content so far.
	expand int64
	// captures is how many files were looked into.
	captures int
	buffer   []byte
	content  hash.Hash
}

func (r *reading) entries() error {
	for {
		header, err := r.archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return malformed("it is not a tar archive: %v", err)
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := r.entry(header); err != nil {
			return err
		}
	}
}

func (r *reading) entry(h *tar.Header) error {
	name, err := clean(h.Name)
	if err != nil {
		return err
	}
	at, kind, err := place(name)
	if err != nil || at == "" {
		return err
	}
	e := Entry{Path: strings.Clone(at), Kind: kind}
	if kind == 0 {
		if err := r.describe(&e, h); err != nil {
			return err
		}
	}
	if err := r.bounds.add(e); err != nil {
		return err
	}
	r.facts.Entries = append(r.facts.Entries, e)
	return nil
}

// describe fills in what an entry is that deletes nothing.
func (r *reading) describe(e *Entry, h *tar.Header) (err error) {
	if err := overlay(h); err != nil {
		return err
	}
	e.Meta, e.Mode, e.UID, e.GID = metaOf(h), modeOf(h), h.Uid, h.Gid
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		e.Kind, e.Size = File, h.Size
		return r.file(e)
	case tar.TypeDir:
		e.Kind = Directory
	case tar.TypeSymlink:
		e.Kind, e.Link = Symlink, strings.Clone(h.Linkname)
	case tar.TypeLink:
		e.Kind = Hardlink
		e.Link, err = clean(h.Linkname)
		e.Link = strings.Clone(e.Link)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		e.Kind = Special
	default:
		return malformed("%.200q is of an unknown type, %q", e.Path, h.Typeflag)
	}
	return err
}

// file digests a regular file's content, and lets whoever looks for something in it see it.
func (r *reading) file(e *Entry) error {
	r.content.Reset()
	var start beginning
	look := r.look(e.Path)
	for {
		n, err := r.archive.Read(r.buffer)
		if r.expand += int64(n); r.expand-r.stream.read > r.limits.Holes {
			return tooLarge("its sparse files have holes of more than %d bytes", r.limits.Holes)
		}
		r.content.Write(r.buffer[:n])
		start.add(r.buffer[:n])
		look.see(r.buffer[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return malformed("%.200q ends early: %v", e.Path, err)
		}
	}
	e.Content, e.Object = half(r.content), start.object()
	look.keep(&r.facts)
	return nil
}

// drain reads what comes after the archive's end: padding, which is part of the DiffID.
func (r *reading) drain() error {
	_, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r.stream}, r.buffer)
	return err
}
