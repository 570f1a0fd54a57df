//go:build integration

package rebase

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const searched = "PATH=/usr/local/bin:/usr/bin:/bin"

// debian moves from a Debian to the same release with fixes: of the C library, of OpenSSL, and of the base's own files.
func debian() bases {
	return bases{
		old: base{at: released, layers: [][]entry{shell(), debianFiles("12.4", "2.36-9+deb12u4", "3.0.11-1")}, config: v1.Config{
			Env: []string{searched, "LANG=C.UTF-8"}, Cmd: []string{"/usr/bin/sh"}, Labels: map[string]string{"version": "12.4"},
		}},
		new: base{at: fixed, layers: [][]entry{shell(), append(
			debianFiles("12.8", "2.36-9+deb12u9", "3.0.15-1"), file("usr/share/added", "added\n"),
		)}, config: v1.Config{
			Env: []string{searched, "LANG=C.UTF-8"}, Cmd: []string{"/usr/bin/sh"}, Labels: map[string]string{"version": "12.8"},
		}},
	}
}

func debianFiles(version, libc, openssl string) []entry {
	return append(skeleton(),
		file("usr/lib/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"),
		symlink("etc/os-release", "../usr/lib/os-release"),
		file("etc/debian_version", version+"\n"),
		file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
		file("etc/group", "root:x:0:\n"),
		file("etc/shadow", "root:*:19000:0:99999:7:::\n").mode(0o640).owner(0, 42),
		file("etc/ld.so.cache", "glibc-ld.so.cache1.1\n"),
		folder("etc/ssl"), file("etc/ssl/openssl.cnf", "[default]\n"),
		folder(library), program(library+"libc.so.6", "GNU C Library (Debian GLIBC "+libc+") stable release version 2.36.\n"),
		file(library+"libssl.so.3", "OpenSSL "+openssl+"\n"),
		folder("var/lib/dpkg"), folder("var/lib/dpkg/info"),
		file("var/lib/dpkg/info/openssl.list", "/usr/lib/x86_64-linux-gnu/libssl.so.3\n"),
		file("var/lib/dpkg/status", dpkgStatus("libc6", libc)+dpkgStatus("libssl3", openssl)),
		file("srv/data/stable", "the same in every version\n"), file("srv/data/moving", version+"\n"),
		program("opt/tool/run", "#!/bin/sh\ncat /etc/debian_version\n"), hardlink("opt/tool/alias", "opt/tool/run"),
	)
}

func dpkgStatus(name, version string) string {
	return fmt.Sprintf("Package: %s\nStatus: install ok installed\nArchitecture: amd64\nSource: %s\nVersion: %s\n\n", name, name, version)
}

// alpine moves from an Alpine to the same release with fixes.
func alpine() bases {
	return bases{
		old: base{at: released, layers: [][]entry{shell(), alpineFiles("3.20.1", "1.2.5-r0")}, config: v1.Config{Env: []string{searched}}},
		new: base{at: fixed, layers: [][]entry{shell(), alpineFiles("3.20.3", "1.2.5-r1")}, config: v1.Config{Env: []string{searched}}},
	}
}

func alpineFiles(version, musl string) []entry {
	return append(skeleton(),
		file("etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID="+version+"\n"),
		file("etc/alpine-release", version+"\n"),
		file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), file("etc/group", "root:x:0:\n"),
		program("usr/lib/ld-musl-x86_64.so.1", "musl libc (x86_64)\x00"+musl[:5]+"\x00"+musl), symlink("usr/lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1"),
		folder("usr/lib/apk"), folder("usr/lib/apk/db"),
		file("usr/lib/apk/db/installed", "C:Q1\nP:musl\nV:"+musl+"\nA:x86_64\n\n"),
	)
}

// distroless moves from one set of packages to another: it has no shell, and a file for each package.
func distroless() bases {
	return bases{
		old: base{at: released, layers: [][]entry{distrolessFiles("2.36-9+deb12u4"), {file("etc/passwd", "nonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n")}}, config: v1.Config{Env: []string{searched}, User: "65532"}},
		new: base{at: fixed, layers: [][]entry{distrolessFiles("2.36-9+deb12u9"), {file("etc/passwd", "nonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n")}}, config: v1.Config{Env: []string{searched}, User: "65532"}},
	}
}

func distrolessFiles(libc string) []entry {
	return append(skeleton(),
		file("usr/lib/os-release", "PRETTY_NAME=\"Distroless\"\nID=debian\nVERSION_ID=\"12\"\n"), symlink("etc/os-release", "../usr/lib/os-release"),
		folder(library), program(library+"libc.so.6", "GNU C Library (Debian GLIBC "+libc+") stable release version 2.36.\n"),
		folder("var/lib/dpkg"), folder("var/lib/dpkg/status.d"), file("var/lib/dpkg/status.d/libc6", dpkgStatus("libc6", libc)),
	)
}

// fedora moves from one state of the package database to another; nothing in a file tells what changed in it.
func fedora() bases {
	return bases{
		old: base{at: released, layers: [][]entry{shell(), fedoraFiles("2.39-6")}, config: v1.Config{Env: []string{searched}}},
		new: base{at: fixed, layers: [][]entry{shell(), fedoraFiles("2.39-22")}, config: v1.Config{Env: []string{searched}}},
	}
}

func fedoraFiles(libc string) []entry {
	return append(skeleton(),
		file("usr/lib/os-release", "ID=fedora\nVERSION_ID=40\n"), symlink("etc/os-release", "../usr/lib/os-release"),
		file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
		folder("usr/lib64"), program("usr/lib64/libc.so.6", "GNU C Library (GNU libc) stable release version 2.39 ("+libc+").\n"),
		folder("usr/lib/sysimage"), folder("usr/lib/sysimage/rpm"), file("usr/lib/sysimage/rpm/rpmdb.sqlite", "SQLite format 3\x00"+libc),
	)
}

// files moves between two bases that hold a few files and nothing of a distribution, as FROM scratch gives them.
func files() bases {
	return bases{
		old: base{at: released, layers: [][]entry{{folder("etc"), file("etc/version", "1\n")}}, config: v1.Config{Env: []string{searched}}},
		new: base{at: fixed, layers: [][]entry{{folder("etc"), file("etc/version", "2\n")}}, config: v1.Config{Env: []string{searched}}},
	}
}
