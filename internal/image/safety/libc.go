package safety

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/respin-dev/respin/internal/image/layers"
)

// library is the kind of C library that a file's name is one's: glibc as libc.so.6 or libc-2.31.so, musl as its dynamic
// linker, such as ld-musl-x86_64.so.1. It is empty for all other names.
func library(name string) (kind string) {
	switch {
	case !strings.HasPrefix(name, "l"):
		return ""
	case name == "libc.so.6":
		return "glibc"
	}
	if version, ok := between(name, "libc-", ".so"); ok && strings.Trim(version, "0123456789.") == "" {
		return "glibc"
	}
	if _, ok := between(name, "ld-musl-", ".so.1"); ok {
		return "musl"
	}
	return ""
}

// between is what a name has between a prefix and a suffix; not ok if that is nothing.
func between(name, prefix, suffix string) (middle string, ok bool) {
	middle, begins := strings.CutPrefix(name, prefix)
	middle, ends := strings.CutSuffix(middle, suffix)
	return middle, begins && ends && middle != ""
}

// packageLists tell of musl's version where they are, and of its fixes too.
var packageLists = []string{"lib/apk/db/installed", "usr/lib/apk/db/installed"}

// libc is what a base has of one C library.
type libc struct {
	// files are where it is, links to it left out.
	files []string
	// versions are what it says of itself; fewer than files where some do not say.
	versions []string
}

// checkLibC looks whether the bases have the same C libraries, and the new base's are not older: programs that were
// linked on the old base run with any newer version of the same library.
func checkLibC(p *proof) verdict {
	old, new := libcsOf(p.old), libcsOf(p.new)
	kinds := slices.Sorted(maps.Keys(old))
	if now := slices.Sorted(maps.Keys(new)); !slices.Equal(kinds, now) {
		return refuse("the old base's C library is %s and the new one's %s", either(kinds), either(now))
	}
	reasons := []string{}
	for _, kind := range kinds {
		v := p.compareLibC(kind, old[kind], new[kind])
		if !v.passed {
			return v
		}
		reasons = append(reasons, v.reason)
	}
	if len(reasons) == 0 {
		return pass("neither base has a C library that programs are linked with")
	}
	return pass("%s", strings.Join(reasons, ", "))
}

func either(kinds []string) string {
	if len(kinds) == 0 {
		return "none"
	}
	return strings.Join(kinds, " and ")
}

func (p *proof) compareLibC(kind string, old, new libc) verdict {
	identical := !slices.ContainsFunc(slices.Concat(old.files, new.files), func(at string) bool {
		_, changed := p.diff.changes[at]
		return changed
	})
	switch {
	case identical:
		return pass("the same %s in both bases", kind)
	case len(old.versions) == 0 || len(new.versions) == 0:
		return refuse("%s differs between the bases and does not say its version", list(new.files))
	}
	was, is := slices.MaxFunc(old.versions, compareVersions), slices.MinFunc(new.versions, compareVersions)
	if compareVersions(is, was) < 0 {
		return refuse("the old base has %s %s and the new one %s, which is older", kind, plain(was), plain(is))
	}
	return pass("%s %s in the old base and %s in the new one", kind, plain(was), plain(is))
}

// libcsOf finds the C libraries of a base, by kind.
func libcsOf(t *tree) map[string]libc {
	found := map[string]libc{}
	slices.Sort(t.libraries)
	for _, at := range slices.Compact(t.libraries) {
		n, kind := t.at(at), library(base(at))
		if !n.is(layers.File) {
			continue
		}
		c := found[kind]
		c.files = append(c.files, at)
		if version, ok := versionOf(n, kind); ok {
			c.versions = append(c.versions, version)
		}
		found[kind] = c
	}
	if musl, ok := found["musl"]; ok {
		if packaged := packagedVersions(t); len(packaged) > 0 {
			musl.versions = packaged
		}
		found["musl"] = musl
	}
	for kind, c := range found {
		slices.Sort(c.versions)
		found[kind] = c
	}
	return found
}

func packagedVersions(t *tree) (versions []string) {
	for _, at := range packageLists {
		n, _ := t.find(at, true)
		if version, ok := versionOf(n, "musl"); ok {
			versions = append(versions, version)
		}
	}
	return versions
}

func versionOf(n *node, kind string) (string, bool) {
	if !n.is(layers.File) || n.from == nil {
		return "", false
	}
	return strings.CutPrefix(n.from.Versions[n.entry.Path], kind+" ")
}

var digits = regexp.MustCompile(`[0-9]+`)

// compareVersions compares versions number by number: 1.2.4-r2 with 1.2.10-r0.
func compareVersions(a, b string) int {
	return slices.CompareFunc(digits.FindAllString(a, -1), digits.FindAllString(b, -1), func(a, b string) int {
		x, _ := strconv.ParseUint(a, 10, 64)
		y, _ := strconv.ParseUint(b, 10, 64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}
