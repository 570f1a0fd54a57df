package layers

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// narrow are limits that a fuzzer reaches.
var narrow = Limits{Bytes: 1 << 20, Holes: 1 << 20, Entries: 1000, Path: 4096, Paths: 64 << 10, Capture: 4 << 10, Captures: 8}

func FuzzRead(f *testing.F) {
	for _, seed := range [][]byte{
		nil,
		archive(f, directory("etc/"), file("etc/os-release", "ID=debian\n"), file("etc/passwd", "root:x:0:0::/:/bin/sh\n")),
		archive(f, file("lib/libc.so.6", "release version 2.36.\n"), file("lib/ld-musl-x.so.1", "\x001.2.3\x00"), file("lib/apk/db/installed", "\nP:musl\nV:1.2\n")),
		archive(f, file(".wh.a", ""), file("a", "x"), directory("b"), file("b/.wh..wh..opq", ""), file(".wh..wh.plnk/1.2", "")),
		archive(f, link(tar.TypeSymlink, "a", "../x"), link(tar.TypeLink, "b", "a"), file("/c/../d", "")),
		archive(f, member{tar.Header{Typeflag: tar.TypeChar, Name: "x", Devmajor: 1, Uid: 1 << 22, Format: tar.FormatGNU}, ""}),
		archive(f, member{tar.Header{Typeflag: tar.TypeReg, Name: "ü", PAXRecords: map[string]string{"SCHILY.xattr.user.a": "\x00b"}}, "\x7fELF"}),
		sparse(f, "a", 4096, "x"),
		bytes.ReplaceAll(archive(f, file("a", "x"), file("b", "")), []byte("a"), []byte("b")),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		facts, err := Read(bytes.NewReader(stream), narrow)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) || !reflect.DeepEqual(facts, Facts{}) {
				t.Fatalf("got %v", err)
			}
			return
		}
		if want := fmt.Sprintf("sha256:%x", sha256.Sum256(stream)); facts.DiffID != want {
			t.Fatalf("got %s, want %s", facts.DiffID, want)
		}
		hold(t, facts, narrow)
		survive(t, facts)
	})
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range [][]byte{
		nil,
		marshal(f, realistic(3)),
		realistic(3).form(),
		Facts{Entries: []Entry{{Path: "a", Kind: Symlink, Link: "b"}}, Contents: map[string][]byte{"a": {1}}, Versions: map[string]string{"b": "c"}}.form(),
		pack(f, make([]byte, 4096))[len(format)+sha256.Size:],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// The fuzzer guesses no checksum: it is given one for a frame, and for what is in a frame.
		for _, whole := range [][]byte{data, seal(data), pack(t, data)} {
			var facts Facts
			if err := facts.UnmarshalBinary(whole); err != nil {
				if !errors.Is(err, ErrUnreadable) {
					t.Fatalf("got %v", err)
				}
				continue
			}
			hold(t, facts, DefaultLimits)
			survive(t, facts)
		}
	})
}

// hold fails if the facts exceed the limits or are not in their form.
func hold(t *testing.T, facts Facts, limits Limits) {
	t.Helper()
	paths := 0
	for _, e := range facts.Entries {
		paths += len(e.Path) + len(e.Link)
		if !wellFormed(e) || e.Kind < File || e.Kind > Opaque || e.Size < 0 || len(e.Path) > limits.Path || len(e.Link) > limits.Path {
			t.Fatalf("got %+v", e)
		}
	}
	if paths > limits.Paths || len(facts.Entries) > limits.Entries {
		t.Fatalf("%d entries with paths of %d bytes", len(facts.Entries), paths)
	}
	if len(facts.Contents) > limits.Captures || len(facts.Versions) > limits.Captures {
		t.Fatalf("%d and %d captured", len(facts.Contents), len(facts.Versions))
	}
	for at, content := range facts.Contents {
		if len(content) > limits.Capture {
			t.Fatalf("captured %d bytes of %s", len(content), at)
		}
	}
	for at, version := range facts.Versions {
		if len(version) > overlap {
			t.Fatalf("%s says %q", at, version)
		}
	}
}

// survive fails if the facts do not survive being kept.
func survive(t *testing.T, facts Facts) {
	t.Helper()
	var again Facts
	if err := again.UnmarshalBinary(marshal(t, facts)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, facts) {
		t.Fatalf("kept %+v, got %+v", facts, again)
	}
}
