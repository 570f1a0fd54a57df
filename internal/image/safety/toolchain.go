package safety

import "regexp"

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
