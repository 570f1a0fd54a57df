package safety

import (
	"fmt"
	"maps"
	"math/rand"
	"path"
	"strings"
	"testing"
	"testing/quick"

	"github.com/respin-dev/respin/internal/image/layers"
)

// model is a file system as plain as can be: what is at each path.
type model map[string]layers.Entry

// apply applies a layer: first what it deletes of the layers below, then what it writes.
func (m model) apply(f layers.Facts) {
	for _, e := range f.Entries {
		for at := range m {
			if e.Kind == layers.Whiteout && within(at, e.Path) || e.Kind == layers.Opaque && at != e.Path && within(at, e.Path) {
				delete(m, at)
			}
		}
	}
	for _, e := range f.Entries {
		m.parents(e)
		if e.Kind == layers.Whiteout || e.Kind == layers.Opaque {
			continue
		}
		for at := range m {
			if e.Kind != layers.Directory && at != e.Path && within(at, e.Path) {
				delete(m, at)
			}
		}
		if target, ok := m[e.Link]; e.Kind == layers.Hardlink && ok && target.Kind != layers.Directory {
			m[e.Path] = target
			continue
		}
		m[e.Path] = e
	}
}

// parents makes the directories above an entry, and the one that it hides the contents of.
func (m model) parents(e layers.Entry) {
	dir := path.Dir(e.Path)
	if e.Kind == layers.Opaque {
		dir = e.Path
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if is, ok := m[dir]; !ok || is.Kind != layers.Directory {
			m[dir] = implied
		}
	}
}

// told are the paths with what counts of what is there.
func (m model) told() map[string]string {
	told := map[string]string{}
	for at, e := range m {
		told[at] = fmt.Sprint(e.Kind, e.Meta, e.Content, e.Link)
	}
	return told
}

func (t *tree) told() map[string]string {
	m := model{}
	t.all(".", t.root, func(at string, n *node) { m[at] = *n.entry })
	return m.told()
}

// all visits all that is below a node.
func (t *tree) all(dir string, n *node, visit func(at string, n *node)) {
	for name, child := range n.children {
		visit(path.Join(dir, name), child)
		t.all(path.Join(dir, name), child, visit)
	}
}

// TestFlatteningIsWhatThePlainestModelGives compares the two on random layers, of few paths, so that much meets.
func TestFlatteningIsWhatThePlainestModelGives(t *testing.T) {
	agree := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		all, want := make([]layers.Facts, 1+random.Intn(4)), model{}
		for i := range all {
			all[i] = randomLayer(random)
			want.apply(all[i])
		}
		got := flatten(all)
		if got.err != nil || !maps.Equal(got.told(), want.told()) {
			t.Logf("layers %+v\ngot  %v\nwant %v", all, got.told(), want.told())
			return false
		}
		return true
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 5000, Rand: rand.New(rand.NewSource(1))}); err != nil {
		t.Error(err)
	}
}

// randomLayer is one that Read could give: what is deleted comes first, each path once, and is not made a directory again. What is
// hidden may come last too.
func randomLayer(random *rand.Rand) layers.Facts {
	var f layers.Facts
	deleted := map[string]bool{}
	for range random.Intn(3) {
		e := layers.Entry{Path: randomPath(random), Kind: layers.Whiteout + layers.Kind(random.Intn(2))}
		if !meets(e.Path, deleted) {
			deleted[e.Path] = e.Kind == layers.Whiteout
			f.Entries = append(f.Entries, e)
		}
	}
	for range random.Intn(8) {
		e := layers.Entry{Path: randomPath(random), Kind: layers.File, Meta: layers.Sum{byte(random.Intn(3))}, Content: layers.Sum{byte(random.Intn(3))}}
		if random.Intn(3) == 0 {
			e.Kind, e.Content = layers.Directory, layers.Sum{}
		}
		if !intoDeleted(e, deleted) {
			f.Entries = append(f.Entries, e)
		}
	}
	if e := (layers.Entry{Path: randomPath(random), Kind: layers.Opaque}); random.Intn(2) == 0 && !meets(e.Path, deleted) {
		f.Entries = append(f.Entries, e)
	}
	return f
}

func intoDeleted(e layers.Entry, deleted map[string]bool) bool {
	for at := e.Path; at != "."; at = path.Dir(at) {
		if deleted[at] && (at != e.Path || e.Kind == layers.Directory) {
			return true
		}
	}
	return false
}

// meets reports whether a path is above or below one of some.
func meets(at string, others map[string]bool) bool {
	for other := range others {
		if within(at, other) || within(other, at) {
			return true
		}
	}
	return false
}

func randomPath(random *rand.Rand) string {
	names := make([]string, 1+random.Intn(3))
	for i := range names {
		names[i] = string(rune('a' + random.Intn(3)))
	}
	return strings.Join(names, "/")
}

func TestFlatten(t *testing.T) {
	tests := map[string]struct {
		layers [][]entry
		want   map[string]string
	}{
		"nothing": {nil, nil},
		"a file replaces a file": {
			layersOf([]entry{file("a", "1")}, []entry{file("a", "2")}), map[string]string{"a": "file 2"},
		},
		"a directory keeps what is in it": {
			layersOf([]entry{dir("a"), file("a/x", "1")}, []entry{dir("a").mode(0o700)}), map[string]string{"a": "directory 700", "a/x": "file 1"},
		},
		"a file replaces a directory with all in it": {
			layersOf([]entry{dir("a"), file("a/x", "1")}, []entry{file("a", "2")}), map[string]string{"a": "file 2"},
		},
		"a deleted directory goes with all in it": {layersOf([]entry{dir("a"), file("a/x", "1"), file("b", "1")}, []entry{whiteout("a")}), map[string]string{"b": "file 1"}},
		"nothing of below is left in a directory that hides it": {
			layersOf([]entry{dir("a"), file("a/x", "1"), dir("a/b"), file("a/b/y", "1")}, []entry{dir("a"), file("a/z", "2"), opaque("a")}),
			map[string]string{"a": "directory 755", "a/z": "file 2"},
		},
		"a directory in it that is written again starts empty": {
			layersOf([]entry{dir("a"), dir("a/b"), file("a/b/y", "1")}, []entry{opaque("a"), dir("a/b"), file("a/b/z", "2")}),
			map[string]string{"a": "directory 755", "a/b": "directory 755", "a/b/z": "file 2"},
		},
		"directories that nothing wrote": {layersOf([]entry{file("a/b/x", "1")}), map[string]string{"a": "directory 755", "a/b": "directory 755", "a/b/x": "file 1"}},
		"a file behind a link": {
			layersOf([]entry{dir("usr"), dir("usr/lib"), symlink("lib", "usr/lib")}, []entry{file("lib/x", "1")}),
			map[string]string{"usr": "directory 755", "usr/lib": "directory 755", "usr/lib/x": "file 1", "lib": "symlink usr/lib"},
		},
		"a link that leads back": {
			layersOf([]entry{dir("a"), dir("b"), symlink("a/up", "../../b")}, []entry{file("a/up/x", "1")}),
			map[string]string{"a": "directory 755", "b": "directory 755", "a/up": "symlink ../../b", "b/x": "file 1"},
		},
		"a directory in place of a link": {
			layersOf([]entry{dir("b"), symlink("a", "b")}, []entry{dir("a"), file("a/x", "1")}),
			map[string]string{"b": "directory 755", "a": "directory 755", "a/x": "file 1"},
		},
		"a hard link is the file": {layersOf([]entry{file("a", "1"), hardlink("b", "a")}, []entry{file("a", "2")}), map[string]string{"a": "file 2", "b": "file 1"}},
		"a hard link of a link":   {layersOf([]entry{symlink("a", "x"), hardlink("b", "a")}), map[string]string{"a": "symlink x", "b": "symlink x"}},
		"a hard link to nothing":  {layersOf([]entry{hardlink("b", "a")}), map[string]string{"b": "hardlink a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var all []layers.Facts
			for _, entries := range tt.layers {
				all = append(all, layer(t, entries...))
			}
			got := map[string]string{}
			of := flatten(all)
			of.all(".", of.root, func(at string, n *node) { got[at] = describe(n.entry) })
			if !maps.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// describe says what an entry is; of contents it knows those that the table has.
func describe(e *layers.Entry) string {
	switch e.Kind {
	case layers.File:
		for _, body := range []string{"1", "2"} {
			if e.Content == layers.SumOf([]byte(body)) {
				return "file " + body
			}
		}
		return "file"
	case layers.Directory:
		return fmt.Sprintf("directory %o", e.Mode)
	case layers.Symlink:
		return "symlink " + e.Link
	}
	return "hardlink " + e.Link
}
