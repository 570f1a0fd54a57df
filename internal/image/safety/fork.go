package safety

import (
	"maps"
	"slices"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// fork is a tree with the same files, to which other layers are applied. What those leave alone stays shared: the tree
// that was forked must not change any more.
func (t *tree) fork() *tree {
	return &tree{
		root: t.root, layers: t.layers, steps: t.steps, last: t.last, err: t.err, libraries: slices.Clone(t.libraries),
	}
}

// flattenBoth makes trees of two stacks of layers, the first of which they share.
func flattenBoth(old, new []layers.Facts, shared int) (was, is *tree) {
	both := flatten(old[:shared])
	was, is = both.fork(), both.fork()
	was.add(old[shared:])
	is.add(new[shared:])
	return was, is
}

// batch is how many nodes are made at a time.
const batch = 64

// node makes a node of the tree's own, written by the layer whose turn it is.
func (t *tree) node(e *layers.Entry, from *layers.Facts) *node {
	if len(t.spare) == 0 {
		t.spare = make([]node, batch)
	}
	made := &t.spare[0]
	t.spare = t.spare[1:]
	made.entry, made.from, made.layer, made.of = e, from, t.layers, t
	return made
}

// maxRoom bounds for how many children room is made before they come.
const maxRoom = 1024

// makeRoom makes an empty directory as large as the entries that follow want it: those of one follow one another.
func (t *tree) makeRoom(dir *node) {
	if dir.children != nil || len(t.ahead) == 0 {
		return
	}
	n, at := 1, parent(t.ahead[0].Path)
	for n < min(maxRoom, len(t.ahead)) && parent(t.ahead[n].Path) == at {
		n++
	}
	dir.children = make(map[string]*node, n)
}

// own is a child as the tree's own, which it may change: a copy if it is shared.
func (t *tree) own(dir *node, name string, child *node) *node {
	if child.of != t {
		child = t.copied(child)
		dir.children[name] = child
	}
	return child
}

func (t *tree) copied(n *node) *node {
	made := t.node(n.entry, n.from)
	made.layer, made.children = n.layer, maps.Clone(n.children)
	return made
}

// claim makes the tree's own of a directory that is there, and of those above it. No link is followed.
func (t *tree) claim(at string) *node {
	if t.root.of != t {
		t.root = t.copied(t.root)
	}
	dir := t.root
	for at != "" && at != "." {
		var name string
		name, at, _ = strings.Cut(at, "/")
		dir = t.own(dir, name, dir.children[name])
	}
	return dir
}
