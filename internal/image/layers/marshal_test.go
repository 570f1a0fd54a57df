package layers

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestFactsSurviveBeingKept(t *testing.T) {
	tests := map[string]Facts{
		"nothing":  {},
		"no files": {DiffID: "sha256:0"},
		"every kind": read(t, archive(t,
			directory("etc/"), file("etc/os-release", "ID=debian\n"), file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
			file("usr/lib/libc.so.6", "GNU C Library stable release version 2.36.\n"), file("bin/sh", "\x7fELF"),
			link(tar.TypeSymlink, "lib", "usr/lib"), link(tar.TypeLink, "bin/bash", "bin/sh"),
			file("etc/.wh.motd", ""), file("var/.wh..wh..opq", ""),
			member{tar.Header{Typeflag: tar.TypeFifo, Name: "pipe", Uid: -1, Gid: 1 << 40}, ""})),
		"a path that is not UTF-8": {Entries: []Entry{{Path: "\xff\xfe", Kind: File, Content: Sum{1}, Size: 3}}},
	}
	for name, facts := range tests {
		t.Run(name, func(t *testing.T) {
			var got Facts
			if err := got.UnmarshalBinary(marshal(t, facts)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, facts) {
				t.Errorf("got %+v, want %+v", got, facts)
			}
			if !bytes.Equal(marshal(t, got), marshal(t, facts)) {
				t.Error("the same facts gave different bytes")
			}
		})
	}
}

func TestWhatIsNotFactsIsNotRead(t *testing.T) {
	whole := marshal(t, realistic(3))
	tests := map[string][]byte{
		"nothing":                    nil,
		"another format":             append([]byte("respin-layer\x02"), whole[len(format):]...),
		"no checksum":                []byte(format),
		"cut short":                  whole[:len(whole)-1],
		"damaged":                    append(slices.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1),
		"no frame":                   seal([]byte("x")),
		"a bomb":                     pack(t, make([]byte, maxForm+1)),
		"something behind":           pack(t, append(realistic(3).form(), 0)),
		"more entries than bytes":    pack(t, binary.AppendUvarint([]byte{0}, 300_000)),
		"more entries than allowed":  pack(t, binary.AppendUvarint([]byte{0}, 1<<62)),
		"a path that leads out":      pack(t, Facts{Entries: []Entry{{Path: "../x", Kind: Directory}}}.form()),
		"a path that is not clean":   pack(t, Facts{Entries: []Entry{{Path: "a//x", Kind: Directory}}}.form()),
		"a link that leads out":      pack(t, Facts{Entries: []Entry{{Path: "x", Kind: Hardlink, Link: "../a"}}}.form()),
		"an entry of no kind":        pack(t, Facts{Entries: []Entry{{Path: "x"}}}.form()),
		"an entry of an unused kind": pack(t, Facts{Entries: []Entry{{Path: "x", Kind: Opaque + 1}}}.form()),
		"paths that share too much":  pack(t, Facts{Entries: slices.Repeat([]Entry{{Path: strings.Repeat("x", 4000), Kind: Directory}}, 20_000)}.form()),
		"no metadata to number":      pack(t, []byte{0, 1, byte(Directory), 0, 1, 'x', 0, 0, 0, 0}),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			var facts Facts
			if err := facts.UnmarshalBinary(data); !errors.Is(err, ErrUnreadable) || !reflect.DeepEqual(facts, Facts{}) {
				t.Errorf("got %v and %d entries", err, len(facts.Entries))
			}
		})
	}
}

func TestFactsAreSmall(t *testing.T) {
	const entries, most = 10_000, 25 // bytes an entry; 16 of them are the content's digest
	size := len(marshal(t, realistic(entries)))
	t.Logf("%d entries take %d bytes", entries, size)
	if size > entries*most {
		t.Errorf("%d entries take %d bytes, want at most %d", entries, size, entries*most)
	}
}

// realistic is a layer such as a package manager makes: many files in nested directories, few owners and modes.
func realistic(entries int) Facts {
	facts := Facts{DiffID: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("layer")))}
	words := strings.Fields("index util async stream parser core types helpers promise buffer events http json schema test")
	add := func(path string, kind Kind) {
		n := len(facts.Entries)
		e := Entry{Path: path, Kind: kind, Meta: Sum{byte(kind), byte(n % 40 / 39)}, UID: 1000, GID: 1000, Mode: 0o755}
		if kind == File {
			sum := sha256.Sum256([]byte(path))
			e.Content, e.Size = Sum(sum[:16]), int64(binary.BigEndian.Uint16(sum[16:]))
		}
		facts.Entries = append(facts.Entries, e)
	}
	for n := 0; len(facts.Entries) < entries; n++ {
		dir := fmt.Sprintf("usr/src/app/node_modules/%s-%s-%d", words[n%15], words[n/15%15], n)
		add(dir, Directory)
		for i := range 12 {
			add(fmt.Sprintf("%s/%s%d.js", dir, words[(n+i*7)%15], i), File)
		}
	}
	facts.Entries = facts.Entries[:entries]
	return facts
}

func marshal(tb testing.TB, facts Facts) []byte {
	tb.Helper()
	data, err := facts.MarshalBinary()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// pack puts a form, which may be wrong, into bytes whose checksum is right.
func pack(tb testing.TB, form []byte) []byte {
	tb.Helper()
	zip, err := encoder()
	if err != nil {
		tb.Fatal(err)
	}
	return seal(zip.EncodeAll(form, nil))
}

func seal(frame []byte) []byte {
	sum := sha256.Sum256(frame)
	return slices.Concat([]byte(format), sum[:], frame)
}
