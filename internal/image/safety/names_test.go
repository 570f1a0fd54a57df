package safety

import (
	"math/rand"
	"regexp"
	"strings"
	"testing"
)

// TestNamesAreToldAsPatternsSay compares what tells names apart with patterns that say the same, on paths that match one or
// nearly do.
func TestNamesAreToldAsPatternsSay(t *testing.T) {
	is := func(kind string) func(string) bool { return func(at string) bool { return library(base(at)) == kind } }
	tests := map[string]struct {
		told    func(at string) bool
		pattern string
	}{
		"a tool":                 {tool, `\.(a|o|h|hpp|hxx|rlib)$|(^|/)include/|^usr/local/go/|/rustlib/|/lib(exec)?/gcc/|(^|/)bin/([^/]*-)?(gcc|g\+\+|cc|c\+\+|clang|ld|as|go|rustc|cargo|ghc|gnatmake)(-[0-9.]+)?$`},
		"glibc":                  {is("glibc"), `(^|/)(libc\.so\.6|libc-[0-9.]+\.so)$`},
		"musl":                   {is("musl"), `(^|/)ld-musl-[^/]+\.so\.1$`},
		"the linker's cache":     {linker.made, `^etc/ld\.so\.(cache|conf)`},
		"certificates":           {caches[0].made, `^etc/(ssl/(certs/|cert\.pem$)|pki/(ca-trust/extracted|java)/)`},
		"fonts":                  {caches[1].made, `^var/cache/fontconfig/`},
		"MIME types":             {caches[2].made, `^usr/share/mime/`},
		"the settings' schemas":  {caches[3].made, `/glib-2\.0/schemas/gschemas\.compiled$`},
		"the modules":            {caches[4].made, `/(loaders|giomodule|immodules|gconv-modules)\.cache$`},
		"the archive of locales": {caches[5].made, `^usr/lib/locale/`},
		"the manual":             {caches[6].made, `^var/cache/man/`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			pattern, random, matched := regexp.MustCompile(tt.pattern), rand.New(rand.NewSource(1)), 0
			for range 20_000 {
				at := randomlyChanged(random, someNamed[random.Intn(len(someNamed))])
				want := pattern.MatchString(at)
				if tt.told(at) != want {
					t.Fatalf("%q: got %v", at, !want)
				}
				if want {
					matched++
				}
			}
			if matched < 100 {
				t.Errorf("no more than %d paths matched: that proves little", matched)
			}
		})
	}
}

var someNamed = []string{
	"usr/lib/x.a", "x.o", "y.h", "usr/x.hpp", "usr/x.hxx", "x.rlib", "usr/include/x", "include/x", "usr/local/go/x", "usr/lib/rustlib/x",
	"usr/lib/gcc/x", "usr/libexec/gcc/x", "usr/bin/x86-gcc-12.2", "bin/c++", "usr/bin/g++-12", "bin/clang", "bin/ld", "usr/bin/as",
	"usr/local/bin/cargo", "lib/libc.so.6", "lib/libc-2.31.so", "lib/ld-musl-x86_64.so.1", "etc/ld.so.cache", "etc/ld.so.conf.d/x",
	"etc/ssl/certs/x", "etc/ssl/cert.pem", "etc/pki/java/x", "etc/pki/ca-trust/extracted/x", "var/cache/fontconfig/x", "usr/share/mime/x",
	"usr/share/glib-2.0/schemas/gschemas.compiled", "usr/lib/gdk/loaders.cache", "usr/lib/gio/giomodule.cache", "usr/lib/gtk/immodules.cache",
	"usr/lib/gconv/gconv-modules.cache", "usr/lib/locale/x", "var/cache/man/x",
}

var someParts = []string{"", "", "/", ".", "-", "+", "a", "o", "so", "bin/", "include/", "lib", "2", "\n", "\xff", "gcc"}

// randomlyChanged is a path with up to two parts of it replaced.
func randomlyChanged(random *rand.Rand, at string) string {
	for range random.Intn(3) {
		from := random.Intn(len(at) + 1)
		to := from + random.Intn(min(3, len(at)-from)+1)
		at = at[:from] + someParts[random.Intn(len(someParts))] + at[to:]
	}
	return strings.Trim(strings.ReplaceAll(at, "//", "/"), "/")
}
