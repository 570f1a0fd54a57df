package safety

import (
	"archive/tar"
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// entry is a member of a layer's archive.
type entry struct {
	tar.Header
	body string
}

func file(name, body string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, body}
}

func dir(name string) entry {
	return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func symlink(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}, ""}
}

func hardlink(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, ""}
}

func whiteout(name string) entry {
	return file(path.Join(path.Dir(name), ".wh."+path.Base(name)), "")
}

func opaque(name string) entry { return file(path.Join(name, ".wh..wh..opq"), "") }

func (e entry) mode(mode int64) entry {
	e.Mode = mode
	return e
}

func (e entry) owner(uid, gid int) entry {
	e.Uid, e.Gid = uid, gid
	return e
}

func (e entry) attribute(name, value string) entry {
	e.PAXRecords = map[string]string{"SCHILY.xattr." + name: value}
	return e
}

// layer is what is known of a layer with the entries.
func layer(tb testing.TB, entries ...entry) layers.Facts {
	tb.Helper()
	var stream bytes.Buffer
	w := tar.NewWriter(&stream)
	for _, e := range entries {
		e.Size = int64(len(e.body))
		if err := w.WriteHeader(&e.Header); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	facts, err := layers.Read(&stream, layers.DefaultLimits)
	if err != nil {
		tb.Fatal(err)
	}
	return facts
}

// situation is an image on an old base, and a new one.
type situation struct {
	// old and new are the bases' single layers; a Debian's where they are nil.
	old, new []entry
	// app are the app's own layers.
	app [][]entry
	// makers are the instructions that made them; none for an image without history.
	makers []string
	// change changes anything else.
	change func(*Case)
	allow  []Check
}

func (s situation) prove(tb testing.TB) map[Check]Result {
	tb.Helper()
	c, facts := s.build(tb)
	results := map[Check]Result{}
	for _, r := range Prove(c, facts, s.allow) {
		if r.Reason == "" || strings.Contains(r.Reason, "%!") || r.Platform != c.Platform {
			tb.Errorf("%s gives no reason: %q", r.Check, r.Reason)
		}
		results[r.Check] = r
	}
	return results
}

func (s situation) build(tb testing.TB) (Case, Facts) {
	tb.Helper()
	if s.old == nil {
		s.old = debian()
	}
	if s.new == nil {
		s.new = debian()
	}
	facts := Facts{}
	amd64 := image.Platform{OS: "linux", Architecture: "amd64"}
	stack := func(all ...[]entry) image.Child {
		child := image.Child{Platform: amd64}
		for _, entries := range all {
			f := layer(tb, entries...)
			facts[f.DiffID] = f
			child.DiffIDs = append(child.DiffIDs, f.DiffID)
			child.Layers = append(child.Layers, image.Layer{MediaType: tarLayers[1], Digest: "stored-" + f.DiffID})
		}
		child.Config.History = []image.History{{CreatedBy: "base"}}
		return child
	}
	c := Case{Platform: amd64, OldBase: stack(s.old), NewBase: stack(s.new), App: stack(append([][]entry{s.old}, s.app...)...)}
	for _, maker := range s.makers {
		c.App.Config.History = append(c.App.Config.History, image.History{CreatedBy: maker + " something"})
	}
	if s.change != nil {
		s.change(&c)
	}
	return c, facts
}

// debian is a small base, with changes.
func debian(changes ...entry) []entry {
	return append([]entry{
		dir("etc"), dir("usr"), dir("usr/bin"), dir("usr/lib"), symlink("bin", "usr/bin"), symlink("lib", "usr/lib"),
		dir("tmp").mode(0o1777), dir("opt"), dir("srv"), dir("srv/data"), file("srv/data/one", "data one"), file("srv/data/two", "data two"),
		file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"), symlink("etc/os-release", "../usr/lib/os-release"),
		file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/:/bin/sh\n"), file("etc/group", "root:x:0:\nwww:x:33:\n"),
		file("usr/lib/libc.so.6", "\x7fELF GNU C Library stable release version 2.36.\n"), file("usr/lib/libssl.so.3", "\x7fELF ssl one"),
		file("usr/bin/sh", "\x7fELF shell").mode(0o755), file("etc/debian_version", "12.4\n"), file("etc/ld.so.cache", "cache"),
		dir("var"), dir("var/lib"), dir("var/lib/dpkg"), file("var/lib/dpkg/status", "Package: libc6\n"),
	}, changes...)
}

// expectation is a situation with what one check makes of it.
type expectation struct {
	situation
	// refused are words of the reason; empty where the check passes, and words of that reason are in passed.
	refused, passed string
}

func expect(t *testing.T, of Check, tests map[string]expectation) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, made := tt.prove(t)[of]
			if !made {
				t.Fatalf("%s was not made", of)
			}
			if got.Passed != (tt.refused == "") || !strings.Contains(got.Reason, tt.refused+tt.passed) {
				t.Errorf("passed: %v, because %s; want %q", got.Passed, got.Reason, tt.refused+tt.passed)
			}
		})
	}
}

func refusals(results map[Check]Result) string {
	var all []string
	for _, check := range Checks {
		if r, made := results[check]; made && !r.Passed {
			all = append(all, string(check))
		}
	}
	return fmt.Sprint(all)
}
