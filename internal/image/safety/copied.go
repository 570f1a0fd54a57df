package safety

import (
	"regexp"

	"github.com/respin-dev/respin/internal/image/layers"
)

// trivial is the size in bytes up to which files have the same content by chance: nothing, a line break, a digit with one.
const trivial = 2

// checkCopiedFiles looks for copies of what the new base changed or removed. A build would copy what is there now.
func checkCopiedFiles(p *proof) verdict {
	stale := map[layers.Sum]bool{}
	for _, c := range p.diff.changes {
		if c.old.is(layers.File) && c.old.entry.Size > trivial {
			stale[c.old.entry.Content] = true
		}
	}
	found := findings{p: p}
	for _, w := range p.writes {
		if _, moved := p.diff.changes[w.at]; w.Kind == layers.File && stale[w.Content] && !moved {
			found.add(w.layer, "holds %s, a copy of a file of the old base that the new base changed or removed", w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold no copy of one of the %d files of the old base that the new base changed or removed", len(stale))
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
