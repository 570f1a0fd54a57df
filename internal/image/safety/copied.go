package safety

import (
	"path"
	"regexp"

	"github.com/respin-dev/respin/internal/image/layers"
)

// trivial is the size in bytes up to which files have the same content by chance: nothing, a line break, a digit with one.
const trivial = 2

// What an own layer may hold of the old base. Each follows the layer's name.
const (
	copiesStale  = "holds %s, a copy of a file of the old base that the new base changed or removed"
	copiesBeside = "holds %s, a copy of a file beside which the new base has more: a build may copy that too"
)

// checkCopiedFiles looks for copies of what the new base changed or removed. A build would copy what is there now. Where
// a directory may have been copied, it would copy what is new in it as well.
func checkCopiedFiles(p *proof) verdict {
	stale := map[layers.Sum]bool{}
	for _, c := range p.diff.changes {
		if worthCopying(c.old) {
			stale[c.old.entry.Content] = true
		}
	}
	found, neighbours := findings{p: p}, p.neighbours()
	for _, w := range p.writes {
		_, moved := p.diff.changes[w.at]
		switch {
		case w.Kind != layers.File || moved || w.Size <= trivial:
		case stale[w.Content]:
			found.add(w.layer, copiesStale, w.at)
		case neighbours[original{path.Base(w.at), w.Content}] && p.old.at(w.at) == nil:
			found.add(w.layer, copiesBeside, w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold no copy of one of the %d files of the old base that the new base changed or removed", len(stale))
}

func worthCopying(n *node) bool { return n.is(layers.File) && n.entry.Size > trivial }

// original is what a copy has from the file that it was made of.
type original struct {
	name    string
	content layers.Sum
}

// neighbours are the old base's files in directories that got more.
func (p *proof) neighbours() map[original]bool {
	all := map[original]bool{}
	for dir := range p.additions().in {
		for name, n := range p.old.at(dir).below() {
			if worthCopying(n) {
				all[original{name, n.entry.Content}] = true
			}
		}
	}
	return all
}

// tools are what programs are built with and take parts of into them: static libraries, objects, headers, compilers.
var tools = regexp.MustCompile(`\.(a|o|h|hpp|hxx|rlib)$|(^|/)include/|^usr/local/go/|/rustlib/|/lib(exec)?/gcc/|(^|/)bin/([^/]*-)?(gcc|g\+\+|cc|c\+\+|clang|ld|as|go|rustc|cargo|ghc|gnatmake)(-[0-9.]+)?$`)

// checkToolchain looks for programs and libraries that may have been built with what the new base changed. Only layers of
// steps that could have built something count; what another stage built has that stage's tools in it.
func checkToolchain(p *proof) verdict {
	moved := p.changed(tools.MatchString)
	if len(moved) == 0 {
		return pass("the bases have the same compilers, headers and static libraries, or none")
	}
	found := findings{p: p}
	for _, w := range p.writes {
		if w.Object && p.old.at(w.at) == nil && !p.own[w.layer].copies() {
			found.add(w.layer, "holds the program or library %s, and the new base changed what such are built with, as "+show(moved[0]), w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold nothing that was built with the base's %d tools that differ", len(moved))
}
