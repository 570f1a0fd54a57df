// Package debian makes real Debian root file systems: one as it was released, without the archive of security fixes,
// and one with them. Both are kept, so that they are made once.
package debian

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
)

// Suite is the release that is used, and Version its number.
const (
	Suite   = "bookworm"
	Version = "12"
)

// Archives are where packages come from. A mirror that has both archives can take their place.
type Archives struct{ Main, Security string }

// DefaultArchives are Debian's own, or those of the environment.
func DefaultArchives() Archives {
	return Archives{
		Main:     cmp.Or(os.Getenv("DEBIAN_MIRROR"), "http://deb.debian.org/debian"),
		Security: cmp.Or(os.Getenv("DEBIAN_SECURITY_MIRROR"), "http://deb.debian.org/debian-security"),
	}
}

// Store is the folder in which root file systems are kept, as gzipped tar archives.
type Store string

// Released is the file system as it was released, and Fixed the one with all fixes.
func (s Store) Released() string { return s.archive("released") }

// Fixed is the file system with all fixes.
func (s Store) Fixed() string { return s.archive("fixed") }

func (s Store) archive(what string) string {
	return filepath.Join(string(s), Suite+"-"+runtime.GOARCH+"-"+what+".tar.gz")
}

// Has says whether an archive was made before.
func Has(archive string) bool {
	_, err := os.Stat(archive)
	return err == nil
}

// architecture is Debian's name for Go's.
func architecture() string {
	names := map[string]string{"386": "i386", "arm": "armhf", "ppc64le": "ppc64el", "mipsle": "mipsel"}
	return cmp.Or(names[runtime.GOARCH], runtime.GOARCH)
}
