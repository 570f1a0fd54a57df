package safety

import (
	"github.com/respin-dev/respin/internal/image/layers"
)

// What an own layer may do to files that differ between the bases. Each follows the layer's name.
const (
	writesAstray  = "writes %s, to which links lead that the new base changed"
	writesBelow   = "puts %s below a directory that is not the same one in the new base"
	writesChanged = "writes %s, which the new base changed"
	linksToAdrift = "has %s for a hard link to a file that the new base changed, or does not have"
	restores      = "has %s with the mode, owner or attributes of the old base, which the new base changed"
	deletes       = "deletes %s, where the new base differs"
	hides         = "hides what the base has in %s, where the new base differs"
	replaces      = "puts something else in place of the directory %s, in which the new base differs"
)

// checkPaths looks whether the own layers and the new base are about different files. Then it makes no difference
// whether they were made on the old base or on the new one.
func checkPaths(p *proof) verdict {
	found := findings{p: p}
	for _, w := range p.writes {
		if fault := p.fault(w); fault != "" {
			found.add(w.layer, fault, w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("none of the %d entries of the image's own layers is about one of the %d paths that differ between the bases",
		len(p.writes), len(p.diff.paths))
}

// fault is what is wrong with a write; empty if nothing is.
func (p *proof) fault(w write) string {
	joins := p.own[w.layer].copies()
	change, changed := p.diff.changes[w.at]
	below := p.diff.above[w.at]
	switch {
	case w.astray:
		return writesAstray
	case w.adrift:
		return linksToAdrift
	case p.diff.bar(place{parent(w.at), joins}) != "":
		return writesBelow
	case w.Kind == layers.Whiteout && (changed || below):
		return deletes
	case w.Kind == layers.Opaque && (below || p.diff.bar(place{w.at, false}) != ""):
		return hides
	case w.deletes():
		return ""
	case w.Kind == layers.Directory:
		return directoryFault(w, change, changed, joins)
	case changed:
		return writesChanged
	case below:
		return replaces
	}
	return ""
}

// directoryFault judges a directory: what is in it stays, and it has to be what the new base has.
func directoryFault(w write, c change, changed, joins bool) string {
	switch {
	case !changed:
		return ""
	case !c.new.is(layers.Directory) || !c.old.is(layers.Directory) && (c.old != nil || !joins):
		return writesChanged
	case w.Meta != c.new.entry.Meta:
		return restores
	}
	return ""
}
