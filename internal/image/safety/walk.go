package safety

import (
	"fmt"
	"path"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// walk is a way through a tree along a path, over symbolic links.
type walk struct {
	tree *tree
	// stack are the directories from the root to where the walk is, and names theirs, without the root's.
	stack []*node
	names []string
	// from is the path, and rest is what is left of it.
	from, rest string
	hops       int
	// lost is set by a link that leads nowhere, by way of too many others.
	lost *node
}

// found is where a path led.
type found struct {
	path, at string
	node     *node
}

// walk begins at the root.
func (t *tree) walk(p string) *walk {
	w := &t.way
	w.tree, w.from, w.rest, w.hops, w.lost = t, p, p, 0, nil
	w.stack, w.names = append(w.stack[:0], t.root), w.names[:0]
	return w
}

// directory is the directory at a path, made if need be. It is nil once the tree has an error.
func (t *tree) directory(p string) *node {
	if t.last.node != nil && t.last.path == p {
		if t.last.node.of != t {
			t.last.node = t.claim(t.last.at)
		}
		return t.last.node
	}
	t.claim(".")
	w := t.walk(p)
	for {
		name, ok := w.next()
		if !ok {
			break
		}
		if child := w.top().children[name]; child != nil && child.entry.Kind == layers.Symlink {
			w.follow(child)
			continue
		}
		w.enter(name, t.subdirectory(w.top(), name))
	}
	if w.lost != nil {
		t.fail("the symbolic link /%s leads over more than %d others", w.lost.entry.Path, maxHops)
	}
	if t.err != nil {
		return nil
	}
	t.last = found{p, w.path(""), w.top()}
	return t.last.node
}

// resolve tells where a directory is, over all links in its path.
func (t *tree) resolve(dir string) string {
	if t.last.node != nil && t.last.path == dir {
		return t.last.at
	}
	n, at := t.find(dir, true)
	if n.is(layers.Directory) {
		t.last = found{dir, at, n}
	}
	return at
}

// find looks for what is at a path, and tells where that is, over the links in it; over one at its end only if that is
// to be followed. The node is nil where there is none.
func (t *tree) find(p string, follow bool) (*node, string) {
	w := t.walk(p)
	for {
		name, ok := w.next()
		if !ok && w.lost == nil {
			return w.top(), w.path("")
		}
		child := w.top().children[name]
		last := w.rest == ""
		switch {
		case child == nil || w.lost != nil:
			return nil, w.path(name)
		case child.entry.Kind == layers.Symlink && (follow || !last):
			w.follow(child)
		case child.entry.Kind == layers.Directory:
			w.enter(name, child)
		case last:
			return child, w.path(name)
		default:
			return nil, w.path(name)
		}
	}
}

// locate tells where an entry goes: its path with the links above it resolved.
func (t *tree) locate(e *layers.Entry) string {
	if e.Path == "." {
		return "."
	}
	if e.Kind == layers.Opaque {
		return t.resolve(e.Path)
	}
	dir := parent(e.Path)
	if at := t.resolve(dir); at != dir {
		return path.Join(at, base(e.Path))
	}
	return e.Path
}

func (w *walk) top() *node { return w.stack[len(w.stack)-1] }

// next takes the next name that is to be looked up. It is not ok at the end, and once the tree has an error.
func (w *walk) next() (name string, ok bool) {
	for w.rest != "" && w.tree.step(1) {
		name, w.rest, _ = strings.Cut(w.rest, "/")
		switch name {
		case "", ".":
		case "..":
			w.leave()
		default:
			return name, true
		}
	}
	return "", false
}

func (w *walk) enter(name string, dir *node) {
	w.stack, w.names = append(w.stack, dir), append(w.names, name)
}

// leave goes to the directory above; the root's is the root.
func (w *walk) leave() {
	if len(w.names) > 0 {
		w.stack, w.names = w.stack[:len(w.stack)-1], w.names[:len(w.names)-1]
	}
}

// follow goes on along a symbolic link's target.
func (w *walk) follow(link *node) {
	target := link.entry.Link
	if w.hops++; w.hops > maxHops {
		w.lost, w.rest = link, ""
		return
	}
	if strings.HasPrefix(target, "/") {
		w.stack, w.names = w.stack[:1], w.names[:0]
	}
	w.tree.step(len(target))
	w.rest = target + "/" + w.rest
}

// path is where the walk is, with what is left of it below a name. The root is ".".
func (w *walk) path(name string) string {
	if w.hops == 0 {
		return path.Clean(strings.TrimLeft(w.from, "/"))
	}
	return path.Clean(path.Join(strings.Join(w.names, "/"), name, w.rest))
}

// step counts what is done for the tree. It reports whether there is no end of that.
func (t *tree) step(n int) bool {
	if t.steps += n; t.steps > maxSteps {
		t.fail("its files lie behind too many links to be told apart")
	}
	return t.err == nil
}

func (t *tree) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// join is the path of a name in a directory.
func join(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

// base is the last name of a clean path.
func base(at string) string { return at[strings.LastIndexByte(at, '/')+1:] }

// parent is the directory that a clean path is in.
func parent(at string) string {
	if slash := strings.LastIndexByte(at, '/'); slash >= 0 {
		return at[:slash]
	}
	return "."
}
