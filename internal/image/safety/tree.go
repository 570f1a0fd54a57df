package safety

import (
	"path"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

const (
	// maxHops is how many symbolic links a path may lead over: as many as Linux follows.
	maxHops = 40
	// maxSteps bounds how long a tree is built: real ones take some steps for each entry.
	maxSteps = 32 << 20
)

// tree is a file system, made of layers.
type tree struct {
	root *node
	// layers counts those applied so far.
	layers int
	steps  int
	// way is for whoever walks, one at a time, and last is the directory that was looked for or written last: entries of
	// one follow one another, and it.
	way  walk
	last found
	// libraries are the paths at which layers have written what has a C library's name, whatever is there in the end.
	libraries []string
	// ahead are the entries of a layer that are being applied, from the one whose turn it is.
	ahead []layers.Entry
	// spare are nodes that are handed out next: they are made many at a time.
	spare []node
	// err is set once the layers cannot be told to be any file system.
	err error
}

// node is what is at a path.
type node struct {
	// entry is what was written there; its own path is elsewhere for hard links, and where links led to another folder.
	entry *layers.Entry
	// from is what is known of the layer that wrote the entry; nil for directories that nothing wrote.
	from *layers.Facts
	// layer is the number of the last layer that wrote the node, from 1.
	layer int
	// children are a directory's; nil while it has none.
	children map[string]*node
	// of is the tree that the node was made for. A fork of that tree has the node as well, and must not change it.
	of *tree
}

// implied is a directory that no layer has an entry for.
var implied = layers.Implied("")

// flatten applies layers one after another.
func flatten(all []layers.Facts) *tree {
	t := &tree{}
	t.root = t.node(&implied, nil)
	t.add(all)
	return t
}

// add applies more layers on top.
func (t *tree) add(all []layers.Facts) {
	for i := range all {
		t.begin()
		for j := range all[i].Entries {
			t.ahead = all[i].Entries[j:]
			t.apply(&all[i], &all[i].Entries[j])
		}
	}
}

// begin says that what is applied from now on is of the next layer.
func (t *tree) begin() { t.layers++ }

// apply applies one entry, as containerd does: parents are looked up through symbolic links, a directory keeps what is
// in it, all else replaces what was there.
func (t *tree) apply(from *layers.Facts, e *layers.Entry) {
	if t.err != nil {
		return
	}
	if e.Kind == layers.Opaque {
		if dir := t.directory(e.Path); dir != nil {
			t.last = found{}
			t.hide(dir)
		}
		return
	}
	if e.Path == "." {
		if e.Kind == layers.Directory {
			root := t.claim(".")
			root.entry, root.from, root.layer = e, from, t.layers
		}
		return
	}
	if dir := t.directory(parent(e.Path)); dir != nil {
		t.makeRoom(dir)
		name := base(e.Path)
		if library(name) != "" {
			t.libraries = append(t.libraries, path.Join(t.last.at, name))
		}
		t.write(dir, name, from, e)
	}
}

// write applies an entry under a name of a directory.
func (t *tree) write(dir *node, name string, from *layers.Facts, e *layers.Entry) {
	switch e.Kind {
	case layers.Whiteout:
		t.last = found{}
		delete(dir.children, name)
	case layers.Directory:
		at := e.Path
		if t.last.at != t.last.path {
			at = join(t.last.at, name)
		}
		n := t.subdirectory(dir, name)
		n.entry, n.from, n.layer = e, from, t.layers
		t.last = found{e.Path, at, n}
	case layers.Hardlink:
		t.put(dir, name, t.link(from, e))
	default:
		t.put(dir, name, t.node(e, from))
	}
}

func (t *tree) put(dir *node, name string, child *node) {
	if dir.children == nil {
		dir.children = map[string]*node{}
	}
	before := len(dir.children)
	if dir.children[name] = child; len(dir.children) == before {
		t.last = found{}
	}
}

// subdirectory is the tree's own directory of a name, made in place of anything else.
func (t *tree) subdirectory(dir *node, name string) *node {
	if n := dir.children[name]; n.is(layers.Directory) {
		return t.own(dir, name, n)
	}
	n := t.node(&implied, nil)
	t.put(dir, name, n)
	return n
}

// link makes a hard link: the file that it is another name for. Where the link's own header tells of other metadata, the
// file gets both, so that either makes a difference. A link to nothing remains one.
func (t *tree) link(from *layers.Facts, e *layers.Entry) *node {
	target, _ := t.find(e.Link, false)
	if target == nil || target.entry.Kind == layers.Directory {
		return t.node(e, from)
	}
	n := t.node(target.entry, target.from)
	if e.Meta != target.entry.Meta && target.entry.Kind == layers.File {
		both := *target.entry
		both.Meta = mix(target.entry.Meta, e.Meta)
		n.entry = &both
	}
	return n
}

// hide takes away what the layers below have in a directory. Of theirs, a directory in which the layer itself has
// something stays, as if nothing had written it.
func (t *tree) hide(dir *node) {
	for name, child := range dir.children {
		if !t.step(1) {
			return
		}
		if len(child.children) > 0 {
			child = t.own(dir, name, child)
			t.hide(child)
		}
		switch {
		case child.layer == t.layers:
		case len(child.children) == 0:
			delete(dir.children, name)
		default:
			child.entry, child.from = &implied, nil
		}
	}
}

// at is the node at a path to the letter: no link is followed. It is nil where there is none.
func (t *tree) at(p string) *node {
	n := t.root
	for n != nil && p != "" && p != "." {
		var name string
		name, p, _ = strings.Cut(p, "/")
		n = n.children[name]
	}
	return n
}
