package layers

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTheDiffIDIsOfTheWholeStream(t *testing.T) {
	stream := append(archive(t, file("a", "x")), make([]byte, 9000)...)
	want := fmt.Sprintf("sha256:%x", sha256.Sum256(stream))
	if got := read(t, stream).DiffID; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEntries(t *testing.T) {
	tests := map[string]struct {
		members []member
		want    []string
	}{
		"every kind": {
			[]member{
				directory("etc/"), file("etc/motd", "hello"), link(tar.TypeSymlink, "bin", "usr/bin"),
				link(tar.TypeLink, "etc/issue", "etc/motd"), {Header: tar.Header{Typeflag: tar.TypeFifo, Name: "pipe"}},
				{Header: tar.Header{Typeflag: tar.TypeChar, Name: "null", Devmajor: 1, Devminor: 3}},
			},
			[]string{"etc directory", "etc/motd file", "bin symlink usr/bin", "etc/issue hardlink etc/motd", "pipe special", "null special"},
		},
		"absolute and roundabout paths are contained": {
			[]member{file("/etc/motd", ""), file("./etc/../etc/./issue", ""), link(tar.TypeLink, "x", "/etc//motd"), directory("./")},
			[]string{"etc/motd file", "etc/issue file", "x hardlink etc/motd", ". directory"},
		},
		"a symbolic link's target is kept to the letter": {
			[]member{link(tar.TypeSymlink, "x", "/../a/./b//")}, []string{"x symlink /../a/./b//"},
		},
		"whiteouts": {
			[]member{file("etc/.wh.motd", ""), file("usr/.wh..wh..opq", ""), file(".wh.gone", ""), file(".wh..wh..opq", "")},
			[]string{"etc/motd whiteout", "usr opaque", "gone whiteout", ". opaque"},
		},
		"a whiteout of any type": {[]member{directory("etc/.wh.motd/")}, []string{"etc/motd whiteout"}},
		"AUFS's bookkeeping is no part of an image": {
			[]member{directory(".wh..wh.plnk"), file(".wh..wh.plnk/12.34", "x"), file(".wh..wh.aufs", ""), file("a", "")},
			[]string{"a file"},
		},
		"a path deleted and then written as a file": {
			[]member{file(".wh.a", ""), file("a", "")}, []string{"a whiteout", "a file"},
		},
		"a path that comes twice": {[]member{file("a", "1"), directory("a")}, []string{"a file", "a directory"}},
		"long paths and other letters": {
			[]member{file(strings.Repeat("long/", 100)+"ü", "")}, []string{strings.Repeat("long/", 100) + "ü file"},
		},
		"a global PAX header is no entry": {
			[]member{{Header: tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}}}, nil,
		},
		"nothing": {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range read(t, archive(t, tt.members...)).Entries {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Path, kindNames[e.Kind], e.Link)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

var kindNames = map[Kind]string{
	File: "file", Directory: "directory", Symlink: "symlink", Hardlink: "hardlink", Special: "special",
	Whiteout: "whiteout", Opaque: "opaque",
}

func TestWhatIsNotReadTheSameEverywhereIsRefused(t *testing.T) {
	tests := map[string]struct {
		members []member
		want    string
	}{
		"a path that leads out":                {[]member{file("../etc/passwd", "")}, "leads out"},
		"a path that leads out from below":     {[]member{file("a/../../etc/passwd", "")}, "leads out"},
		"a hard link that leads out":           {[]member{link(tar.TypeLink, "x", "../../etc/passwd")}, "leads out"},
		"a whiteout of nothing":                {[]member{file("etc/.wh.", "")}, "deletes nothing"},
		"a whiteout of the directory it is in": {[]member{file("etc/.wh..", "")}, "deletes nothing"},
		"a whiteout of the one above":          {[]member{file("etc/.wh...", "")}, "deletes nothing"},
		"a file below a whiteout":              {[]member{file(".wh.etc/passwd", "")}, "below a whiteout"},
		"a path deleted after it was written":  {[]member{file("a", ""), file(".wh.a", "")}, "after it has written"},
		"a directory that was deleted":         {[]member{file(".wh.a", ""), directory("a")}, "writes a directory there"},
		"a file below a deleted directory":     {[]member{file("a/b", ""), file(".wh.a", "")}, "writes a directory there"},
		"overlayfs's device":                   {[]member{{Header: tar.Header{Typeflag: tar.TypeChar, Name: "x"}}}, "device 0:0"},
		"overlayfs's attribute": {[]member{{Header: tar.Header{
			Typeflag: tar.TypeDir, Name: "x/", PAXRecords: map[string]string{"SCHILY.xattr.trusted.overlay.opaque": "y"},
		}}}, "overlayfs's own"},
		"a type that nobody knows": {[]member{{Header: tar.Header{Typeflag: 'Z', Name: "x"}}}, "unknown type"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(archive(t, tt.members...)), DefaultLimits)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestABrokenStream(t *testing.T) {
	whole := archive(t, file("a", strings.Repeat("x", 5000)))
	broken := errors.New("connection reset")
	tests := map[string]struct {
		stream io.Reader
		want   error
	}{
		"no archive":                   {strings.NewReader(strings.Repeat("x", 1024)), ErrMalformed},
		"one that ends within a file":  {bytes.NewReader(whole[:3000]), ErrMalformed},
		"one that fails within a file": {io.MultiReader(bytes.NewReader(whole[:3000]), iotest.ErrReader(broken)), broken},
		"one that fails at its end":    {io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken)), broken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			facts, err := Read(tt.stream, DefaultLimits)
			if !errors.Is(err, tt.want) || facts.Entries != nil {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if !errors.Is(tt.want, ErrMalformed) && errors.Is(err, ErrMalformed) {
				t.Errorf("%v blames the layer", err)
			}
		})
	}
}
