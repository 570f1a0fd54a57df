package safety

import (
	"regexp"
	"slices"
	"strings"
)

// derived is a file that a program makes of other files.
type derived struct {
	what string
	// made tells the paths that it is written to, and from those of which it is made.
	made func(at string) bool
	from *regexp.Regexp
}

var linker = derived{
	"the linker's cache", begins("etc/ld.so.cache", "etc/ld.so.conf"), regexp.MustCompile(`\.so(\.[0-9.]+)?$|^etc/ld\.so\.conf`),
}

// caches are those of distributions that steps of a build commonly make anew. They follow what is installed.
var caches = []derived{
	{
		"the bundle of certificates", isCertificates,
		regexp.MustCompile(`^(usr/(local/)?share/(ca-certificates|pki)/|etc/(ca-certificates|pki/ca-trust/source|ssl/certs/))`),
	},
	{"the cache of fonts", begins("var/cache/fontconfig/"), regexp.MustCompile(`^(usr/(local/)?share/fonts|etc/fonts)/`)},
	{"the cache of MIME types", begins("usr/share/mime/"), regexp.MustCompile(`^usr/share/mime/packages/`)},
	{"the cache of settings' schemas", ends("/glib-2.0/schemas/gschemas.compiled"), regexp.MustCompile(`/glib-2\.0/schemas/.*\.xml$`)},
	{
		"the cache of modules", ends("/loaders.cache", "/giomodule.cache", "/immodules.cache", "/gconv-modules.cache"),
		regexp.MustCompile(`/(gdk-pixbuf-2\.0|gio/modules|gtk-[0-9.]+|gconv)/.*(\.so|\.conf|gconv-modules)$`),
	},
	{"the archive of locales", begins("usr/lib/locale/"), regexp.MustCompile(`^usr/share/i18n/`)},
	{"the index of manual pages", begins("var/cache/man/"), regexp.MustCompile(`^usr/(local/)?share/man/`)},
}

var isInBundle = begins("etc/ssl/certs/", "etc/pki/ca-trust/extracted/", "etc/pki/java/")

func isCertificates(at string) bool { return at == "etc/ssl/cert.pem" || isInBundle(at) }

// begins makes a test for paths that begin with one of some strings.
func begins(with ...string) func(at string) bool {
	return func(at string) bool {
		return slices.ContainsFunc(with, func(s string) bool { return strings.HasPrefix(at, s) })
	}
}

// ends makes a test for paths that end with one of some strings.
func ends(with ...string) func(at string) bool {
	return func(at string) bool {
		return slices.ContainsFunc(with, func(s string) bool { return strings.HasSuffix(at, s) })
	}
}
