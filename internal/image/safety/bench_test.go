package safety

import (
	"fmt"
	"testing"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// BenchmarkProve proves a rebase of an image with 20,000 files of its own, from a base of 20,000 files onto one in which
// every hundredth of them differs and one is new. It has to take less than 100 ms.
func BenchmarkProve(b *testing.B) {
	const entries = 20_000
	c := Case{Platform: image.Platform{OS: "linux", Architecture: "amd64"}}
	facts := Facts{}
	facts["old"], facts["new"], facts["app"] = large("usr", entries, 0), large("usr", entries, 1), large("srv/app", entries, 0)
	more := facts["new"]
	more.Entries = append(more.Entries, layers.Entry{Path: "usr/lib/package-0/new", Kind: layers.File})
	facts["new"] = more
	c.OldBase, c.NewBase, c.App = childOf("old"), childOf("new"), childOf("old", "app")
	for b.Loop() {
		results := Prove(c, facts, nil)
		if !Allowed(results) || len(results) != len(Checks) {
			b.Fatalf("got %+v", results)
		}
	}
}

// BenchmarkProveSlim proves a rebase of three files, from a base of 3,400 files onto one in which every tenth of them
// differs: an image of the usual size.
func BenchmarkProveSlim(b *testing.B) {
	c := Case{Platform: image.Platform{OS: "linux", Architecture: "amd64"}, OldBase: childOf("old"), NewBase: childOf("new"), App: childOf("old", "app")}
	app := layers.Facts{Entries: []layers.Entry{{Path: "srv", Kind: layers.Directory}, {Path: "srv/app", Kind: layers.Directory}, {Path: "srv/app/run", Kind: layers.File}}}
	facts := Facts{"old": slim(0), "new": slim(1), "app": app}
	for b.Loop() {
		if results := Prove(c, facts, nil); !Allowed(results) || len(results) != len(Checks) {
			b.Fatalf("got %+v", results)
		}
	}
}

// slim is a layer of 3,400 files in directories of twenty. A version changes every tenth file.
func slim(version byte) layers.Facts {
	f := layers.Facts{Entries: []layers.Entry{{Path: "usr", Kind: layers.Directory}, {Path: "usr/share", Kind: layers.Directory}}}
	for n := range 3400 {
		dir := fmt.Sprintf("usr/share/linux-amd64/part-%d/%03d", n/680, n/20)
		if n%20 == 0 {
			f.Entries = append(f.Entries, layers.Entry{Path: dir, Kind: layers.Directory})
		}
		e := layers.Entry{Path: fmt.Sprintf("%s/%04d", dir, n), Kind: layers.File, Size: 100, Content: layers.Sum{1, byte(n), byte(n >> 8)}}
		if n%10 == 0 {
			e.Content[15] = version + 1
		}
		f.Entries = append(f.Entries, e)
	}
	return f
}

// large is a layer of many files in directories of twenty. A version changes every hundredth file.
func large(root string, entries int, version byte) layers.Facts {
	var f layers.Facts
	add := func(e layers.Entry) { f.Entries = append(f.Entries, e) }
	for n := 0; len(f.Entries) < entries; n++ {
		dir := fmt.Sprintf("%s/lib/package-%d/module-%d", root, n/40, n)
		add(layers.Entry{Path: dir, Kind: layers.Directory})
		for i := range 20 {
			e := layers.Entry{Path: fmt.Sprintf("%s/file-%d.js", dir, i), Kind: layers.File, Size: 100, Content: layers.Sum{root[0], byte(n), byte(n >> 8), byte(i)}}
			if len(f.Entries)%100 == 0 {
				e.Content[15] = version + 1
			}
			add(e)
		}
	}
	return f
}
