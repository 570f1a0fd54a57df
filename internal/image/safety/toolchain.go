package safety

import (
	"regexp"
	"strings"
)

// compilers are the programs that others are built with, with a target before their name and a version behind it.
var compilers = regexp.MustCompile(`^([^/]*-)?(gcc|g\+\+|cc|c\+\+|clang|ld|as|go|rustc|cargo|ghc|gnatmake)(-[0-9.]+)?$`)

// tool reports whether a path is of what programs are built with and take parts of into them: static libraries, objects,
// headers, compilers.
func tool(at string) bool {
	switch at[strings.LastIndexByte(at, '.')+1:] {
	case "a", "o", "h", "hpp", "hxx", "rlib":
		return strings.Contains(at, ".")
	}
	if strings.HasPrefix(at, "usr/local/go/") || hasFolder(at, "include") {
		return true
	}
	for _, folder := range []string{"/rustlib/", "/lib/gcc/", "/libexec/gcc/"} {
		if strings.Contains(at, folder) {
			return true
		}
	}
	return base(parent(at)) == "bin" && compilers.MatchString(base(at))
}

// hasFolder reports whether one of the directories that a path leads through has a name.
func hasFolder(at, name string) bool {
	return strings.HasPrefix(at, name+"/") || strings.Contains(at, "/"+name+"/")
}

// checkToolchain looks for programs and libraries that may have been built with what the new base changed. Only layers of
// steps that could have built something count; what another stage built has that stage's tools in it.
func checkToolchain(p *proof) verdict {
	moved := p.changed(tool)
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
