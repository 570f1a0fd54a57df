package safety

import "github.com/respin-dev/respin/internal/image/layers"

// trivial is the size in bytes up to which files have the same content by chance: nothing, a line break, a digit with one.
const trivial = 2

// What an own layer may hold of the old base. Each follows the layer's name.
const (
	copiesStale  = "holds %s, a copy of a file of the old base that the new base changed or removed"
	copiesBeside = "holds %s, a copy of a file beside which the new base has something else: a build may copy that too"
)

// checkCopiedFiles looks for copies of what the new base changed or removed. A build would copy what is there now. Where
// a directory may have been copied, it would copy what is new in it as well.
func checkCopiedFiles(p *proof) verdict {
	stale, originals := p.stale(), p.originals()
	found := findings{p: p}
	for _, w := range p.writes {
		_, moved := p.diff.changes[w.at]
		switch {
		case moved || w.Kind != layers.File && w.Kind != layers.Symlink:
		case stale[copied(base(w.at), w.Entry)]:
			found.add(w.layer, copiesStale, w.at)
		case p.old.at(w.at) == nil && originals.grew(w):
			found.add(w.layer, copiesBeside, w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold no copy of one of the %d files of the old base that the new base changed or removed", len(stale))
}

// stale are the files and links of the old base that the new base changed or removed.
func (p *proof) stale() map[original]bool {
	all := make(map[original]bool, len(p.diff.changes))
	for at, c := range p.diff.changes {
		if c.old != nil && worthCopying(c.old.entry) {
			all[copied(base(at), c.old.entry)] = true
		}
	}
	return all
}

// copied is what stays of something in a copy: of a file its content, whatever the copy is called; of a link its target
// and its name, since many links lead to the same.
func copied(name string, e *layers.Entry) original {
	if e.Kind == layers.Symlink {
		return original{name, e.Link, layers.Sum{}}
	}
	return original{content: e.Content}
}

// worthCopying reports whether an entry is of something that others are no copies of by chance.
func worthCopying(e *layers.Entry) bool {
	return e.Kind == layers.Symlink || e.Kind == layers.File && e.Size > trivial
}
