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
