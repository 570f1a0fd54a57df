package safety

import (
	"slices"

	"github.com/respin-dev/respin/internal/image/layers"
)

// change is what is at a path in the old base and in the new one; nil where there is nothing.
type change struct{ old, new *node }

// difference is how the new base differs from the old one.
type difference struct {
	changes map[string]change
	// paths are those of the changes, in order.
	paths []string
	// above are the directories that have a change below them.
	above map[string]bool
	// barred remembers bars.
	barred map[place]string
}

func compare(old, new *tree) *difference {
	d := &difference{changes: map[string]change{}, above: map[string]bool{}, barred: map[place]string{}}
	d.walk(".", ".", old.root, new.root)
	slices.Sort(d.paths)
	return d
}

// walk compares what is at a path, and below it. It reports whether anything differs.
func (d *difference) walk(dir, name string, old, new *node) bool {
	if old == new {
		return false
	}
	differs := !same(old, new)
	if !differs && len(old.below()) == 0 && len(new.below()) == 0 {
		return false
	}
	at := join(dir, name)
	if differs {
		d.changes[at] = change{old, new}
		d.paths = append(d.paths, at)
	}
	below := d.walkBelow(at, old.below(), new.below())
	if below {
		d.above[at] = true
	}
	return differs || below
}

// walkBelow compares what is in two directories, or what are none.
func (d *difference) walkBelow(at string, old, new map[string]*node) (differs bool) {
	both := 0
	for name, child := range old {
		other := new[name]
		if other != nil {
			both++
		}
		differs = d.walk(at, name, child, other) || differs
	}
	if both == len(new) {
		return differs
	}
	for name, child := range new {
		if old[name] == nil {
			differs = d.walk(at, name, nil, child) || differs
		}
	}
	return differs
}

func (n *node) below() map[string]*node {
	if n == nil {
		return nil
	}
	return n.children
}

// each visits all files that are no directories.
func (t *tree) each(visit func(dir, name string, n *node)) {
	var walk func(string, *node)
	walk = func(dir string, n *node) {
		for name, child := range n.children {
			if child.entry.Kind == layers.Directory {
				walk(join(dir, name), child)
				continue
			}
			visit(dir, name, child)
		}
	}
	walk(".", t.root)
}

// is reports whether something of a kind is there.
func (n *node) is(kind layers.Kind) bool { return n != nil && n.entry.Kind == kind }

// same compares all that counts of two nodes: not their times, nor what is in directories.
func same(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.entry.Kind == b.entry.Kind && a.entry.Meta == b.entry.Meta && a.entry.Content == b.entry.Content &&
		a.entry.Link == b.entry.Link
}

// place is a directory as a write sees it.
type place struct {
	dir string
	// joins is true of a write that puts the same files into a directory whether or not there was one before.
	joins bool
}

// bar is the first directory above a place, or that itself, that one base has and the other has not, or has as something
// else; empty if there is none. What is put below it may not come to lie where it did.
func (d *difference) bar(at place) string {
	if at.dir == "." {
		return ""
	}
	if bar, known := d.barred[at]; known {
		return bar
	}
	bar := d.bar(place{parent(at.dir), at.joins})
	c, changed := d.changes[at.dir]
	remains := c.new.is(layers.Directory) && (c.old.is(layers.Directory) || at.joins && c.old == nil)
	if bar == "" && changed && !remains {
		bar = at.dir
	}
	d.barred[at] = bar
	return bar
}

// mix makes one digest of two.
func mix(a, b layers.Sum) layers.Sum { return layers.SumOf(append(a[:], b[:]...)) }
