package safety

import (
	"path"
	"slices"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// databases are where package managers keep what is installed: dpkg, rpm, apk, pacman, opkg, Portage and chisel.
var databases = []string{
	"var/lib/dpkg", "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm", "lib/apk/db", "usr/lib/apk/db", "etc/apk/world",
	"var/lib/pacman", "var/lib/opkg", "usr/lib/opkg", "var/db/pkg", "var/lib/chisel",
}

// checkPackageDatabases looks whether the own layers change what is installed. A database is one whole: the own layers
// have that of the old base with more in it, and it would hide what the new base has installed.
func checkPackageDatabases(p *proof) verdict {
	moved := p.changed(func(at string) bool { return under(at, databases) })
	if len(moved) == 0 {
		return pass("the bases have the same packages installed")
	}
	found := findings{p: p}
	present := slices.DeleteFunc(slices.Clone(databases), func(db string) bool { return p.old.at(db) == nil && p.new.at(db) == nil })
	for _, w := range p.writes {
		if slices.ContainsFunc(present, w.touches) {
			found.add(w.layer, "installs or removes packages on top of the old base's, which the new base changed: it writes %s", w.at)
		}
	}
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers install and remove no packages")
}

// under reports whether a path is one of some, or below one.
func under(at string, above []string) bool {
	return slices.ContainsFunc(above, func(a string) bool { return within(at, a) })
}

// changed are the paths that differ and fit, other than directories.
func (p *proof) changed(fits func(at string) bool) []string {
	var found []string
	for _, at := range p.diff.paths {
		if !fits(at) {
			continue
		}
		if c := p.diff.changes[at]; leaf(c.old) || leaf(c.new) {
			found = append(found, at)
		}
	}
	return found
}

// leaf reports whether something is there that is no directory.
func leaf(n *node) bool { return n != nil && !n.is(layers.Directory) }

// checkLinkerCache looks for a cache of libraries that the new base changed.
func checkLinkerCache(p *proof) verdict {
	found := findings{p: p}
	p.look(linker, &found)
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold no linker's cache of libraries that differ")
}

// checkCaches looks for other files that were made of what the new base changed.
func checkCaches(p *proof) verdict {
	found := findings{p: p}
	for _, cache := range caches {
		p.look(cache, &found)
	}
	p.lookForBytecode(&found)
	if !found.none() {
		return found.refuse()
	}
	return pass("the image's own layers hold nothing that is made of files that differ")
}

// look looks at what the own layers write first: they seldom have such a file.
func (p *proof) look(d derived, found *findings) {
	var made []write
	for _, w := range p.writes {
		if w.Kind != layers.Directory && d.made(w.at) {
			made = append(made, w)
		}
	}
	if len(made) == 0 || len(p.changed(d.from.MatchString)) == 0 {
		return
	}
	for _, w := range made {
		found.add(w.layer, "writes %s, "+d.what+", which is made of files that the new base changed", w.at)
	}
}

// lookForBytecode looks for what Python compiled of modules of the base when it first used them.
func (p *proof) lookForBytecode(found *findings) {
	for _, w := range p.writes {
		dir, name := path.Split(w.at)
		above, isCache := strings.CutSuffix(dir, "__pycache__/")
		if !isCache {
			continue
		}
		module, _, _ := strings.Cut(name, ".")
		if _, moved := p.diff.changes[above+module+".py"]; moved {
			found.add(w.layer, "writes %s, which Python compiled of modules that the new base changed", w.at)
		}
	}
}
