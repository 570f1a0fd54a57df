package safety

import "github.com/respin-dev/respin/internal/image/layers"

// original is what a copy has from what it was made of: its name, and a file's content or a link's target.
type original struct {
	name, link string
	content    layers.Sum
}

// maxOriginals is how many files of the same name and content are told apart.
const maxOriginals = 32

// originals are the files and links of the old base and of the own layers, to find where a directory was copied from.
type originals struct {
	at map[original][]string
	// moved are the directories of which a copy would be another one on the new base, although no copied file tells.
	moved map[string]bool
}

func (p *proof) originals() originals {
	all := originals{map[original][]string{}, map[string]bool{}}
	for at, c := range p.diff.changes {
		if c.old == nil || !worthCopying(c.old.entry) {
			all.move(at)
		}
	}
	if len(all.moved) == 0 {
		return all
	}
	wanted := map[layers.Sum]bool{}
	for _, w := range p.writes {
		if w.Kind == layers.File || w.Kind == layers.Symlink {
			wanted[w.Content] = true
		}
	}
	p.old.each(func(dir, name string, n *node) {
		if worthCopying(n.entry) && wanted[n.entry.Content] {
			all.add(join(dir, name), n.entry)
		}
	})
	for _, w := range p.writes {
		if worthCopying(w.Entry) {
			all.add(w.at, w.Entry)
		}
	}
	return all
}

// move notes a change in all directories above it, and in the one that it is of.
func (o originals) move(at string) {
	for ; at != "." && !o.moved[at]; at = parent(at) {
		o.moved[at] = true
	}
}

func (o originals) add(at string, e *layers.Entry) {
	key := original{base(at), e.Link, e.Content}
	if len(o.at[key]) <= maxOriginals {
		o.at[key] = append(o.at[key], at)
	}
}

// grew reports whether a write may be part of a copy of a directory that has something else in it on the new base.
func (o originals) grew(w write) bool {
	from := o.at[original{base(w.at), w.Link, w.Content}]
	if len(from) > maxOriginals {
		return true
	}
	for _, at := range from {
		if at != w.at && o.grewAbove(at, w.at) {
			return true
		}
	}
	return false
}

// grewAbove looks at the directories that two paths have in common from their ends, and at those right above: they are
// what may have been copied.
func (o originals) grewAbove(from, to string) bool {
	for from != "." && to != "." && base(from) == base(to) {
		from, to = parent(from), parent(to)
		if o.moved[from] {
			return true
		}
	}
	return false
}
