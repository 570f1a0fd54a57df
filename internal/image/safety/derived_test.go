package safety

import "testing"

func TestPackageDatabases(t *testing.T) {
	installed := file("var/lib/dpkg/status", "Package: libc6\nPackage: curl\n")
	expect(t, PackageDatabases, map[string]expectation{
		"bases with the same packages": {situation: situation{new: debian(file("etc/x", "x")), app: layersOf([]entry{installed})}, passed: "the same packages"},
		"no packages of its own": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("var"), dir("var/lib"), dir("var/lib/dpkg"), file("app", "x")})}, passed: "install and remove no packages",
		},
		"packages of its own": {
			situation: situation{new: fixed(), app: layersOf([]entry{installed}), makers: []string{"RUN"}},
			refused:   "layer 1 of 1 (RUN) installs or removes packages on top of the old base's, which the new base changed: it writes /var/lib/dpkg/status; declare a build",
		},
		"a file of the database that differs in nothing": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("var/lib/dpkg/info/curl.list", "/usr/bin/curl\n")})}, refused: "/var/lib/dpkg/info/curl.list",
		},
		"the whole database deleted": {situation: situation{new: fixed(), app: layersOf([]entry{whiteout("var/lib")})}, refused: "it writes /var/lib;"},
		"a link in its place":        {situation: situation{new: fixed(), app: layersOf([]entry{symlink("var/lib/dpkg", "/x")})}, refused: "/var/lib/dpkg"},
		"apk's, behind a link": {
			situation: situation{
				old: []entry{symlink("lib", "usr/lib"), file("usr/lib/apk/db/installed", "P:a\n")}, new: []entry{symlink("lib", "usr/lib"), file("usr/lib/apk/db/installed", "P:b\n")},
				app: layersOf([]entry{file("lib/apk/db/installed", "P:a\nP:c\n")}),
			}, refused: "/usr/lib/apk/db/installed",
		},
		"rpm's": {
			situation: situation{
				old: []entry{file("var/lib/rpm/rpmdb.sqlite", "a")}, new: []entry{file("var/lib/rpm/rpmdb.sqlite", "b")}, app: layersOf([]entry{file("var/lib/rpm/rpmdb.sqlite", "c")}),
			}, refused: "/var/lib/rpm/rpmdb.sqlite",
		},
		"distroless's": {
			situation: situation{
				old: []entry{file("var/lib/dpkg/status.d/libc6", "a")}, new: []entry{file("var/lib/dpkg/status.d/libc6", "b")}, app: layersOf([]entry{file("var/lib/dpkg/status.d/mine", "c")}),
			}, refused: "/var/lib/dpkg/status.d/mine",
		},
	})
}

func TestLinkerCache(t *testing.T) {
	expect(t, LinkerCache, map[string]expectation{
		"no cache of its own": {situation: situation{new: fixed(), app: layersOf([]entry{file("usr/lib/mine.so", "x")})}, passed: "no linker's cache"},
		"a cache of libraries that differ": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("etc/ld.so.cache", "x")})},
			refused:   "writes /etc/ld.so.cache, the linker's cache, which is made of files that the new base changed; declare a build, or allow linker-cache",
		},
		"its configuration":                 {situation: situation{new: fixed(), app: layersOf([]entry{file("etc/ld.so.conf.d/mine.conf", "x")})}, refused: "/etc/ld.so.conf.d/mine.conf"},
		"a cache of the same libraries":     {situation: situation{new: debian(file("etc/x", "x")), app: layersOf([]entry{file("etc/ld.so.cache", "x")})}, passed: "no linker's cache"},
		"a cache that was deleted":          {situation: situation{new: fixed(), app: layersOf([]entry{whiteout("etc/ld.so.cache")})}, refused: "/etc/ld.so.cache"},
		"a directory with a file that fits": {situation: situation{new: fixed(), app: layersOf([]entry{dir("etc/ld.so.conf.d")})}, passed: "no linker's cache"},
	})
}

func TestCaches(t *testing.T) {
	certificates := func(more ...entry) []entry {
		return debian(append([]entry{dir("usr/share"), dir("usr/share/ca-certificates"), file("usr/share/ca-certificates/a.crt", "a")}, more...)...)
	}
	python := func(source string) []entry {
		return debian(dir("usr/lib/py"), file("usr/lib/py/os.py", source), file("usr/lib/py/re.py", "same"))
	}
	expect(t, Caches, map[string]expectation{
		"none": {situation: situation{new: fixed(), app: layersOf([]entry{file("app", "x")})}, passed: "nothing that is made of files that differ"},
		"a bundle of certificates that differ": {
			situation: situation{old: certificates(), new: certificates(file("usr/share/ca-certificates/b.crt", "b")), app: layersOf([]entry{file("etc/ssl/certs/ca-certificates.crt", "a mine")})},
			refused:   "writes /etc/ssl/certs/ca-certificates.crt, the bundle of certificates, which",
		},
		"a bundle of the same certificates": {
			situation: situation{old: certificates(), new: certificates(file("etc/x", "x")), app: layersOf([]entry{file("etc/ssl/certs/ca-certificates.crt", "a mine")})}, passed: "nothing",
		},
		"a cache of fonts that differ": {
			situation: situation{new: debian(file("usr/share/fonts/a.ttf", "x")), app: layersOf([]entry{file("var/cache/fontconfig/1.cache", "x")})}, refused: "the cache of fonts",
		},
		"bytecode of a module that differs": {
			situation: situation{old: python("one"), new: python("two"), app: layersOf([]entry{dir("usr/lib/py/__pycache__"), file("usr/lib/py/__pycache__/os.cpython-312.pyc", "x")})},
			refused:   "writes /usr/lib/py/__pycache__/os.cpython-312.pyc, which Python compiled",
		},
		"bytecode of a module that is the same": {
			situation: situation{old: python("one"), new: python("two"), app: layersOf([]entry{file("usr/lib/py/__pycache__/re.cpython-312.pyc", "x")})}, passed: "nothing",
		},
	})
}

func TestCopiedFiles(t *testing.T) {
	expect(t, CopiedFiles, map[string]expectation{
		"a file of its own": {situation: situation{new: fixed(), app: layersOf([]entry{file("app", "mine")})}, passed: "no copy of one of the 3 files"},
		"a copy of a file that is fixed": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("app/libssl.so.3", "\x7fELF ssl one")}), makers: []string{"COPY"}},
			refused:   "layer 1 of 1 (COPY) holds /app/libssl.so.3, a copy of a file of the old base that the new base changed or removed; declare a build, or allow copied-files",
		},
		"a copy of a small file":              {situation: situation{new: fixed(), app: layersOf([]entry{file("app/built-on", "12.4\n")})}, refused: "/app/built-on"},
		"a copy of a file that was removed":   {situation: situation{old: debian(file("opt/x", "some x")), app: layersOf([]entry{file("app", "some x")})}, refused: "/app"},
		"a copy of a file that stays":         {situation: situation{new: fixed(), app: layersOf([]entry{file("app", "data one")})}, passed: "no copy"},
		"a copy of a file whose mode changed": {situation: situation{new: debian(file("srv/data/one", "data one").mode(0o600)), app: layersOf([]entry{file("app", "data one")})}, refused: "/app"},
		"a copy of a directory that got more": {
			situation: situation{new: debian(file("srv/data/three", "data three")), app: layersOf([]entry{dir("app"), file("app/one", "data one"), file("app/two", "data two")})},
			refused:   "holds /app/one, /app/two, a copy of a file beside which the new base has something else",
		},
		"a file as one in a directory that got more, by another name": {
			situation: situation{new: debian(file("srv/data/three", "data three")), app: layersOf([]entry{file("app", "data one")})}, passed: "no copy",
		},
		"an empty file":             {situation: situation{old: debian(file("opt/x", "")), app: layersOf([]entry{file("app", "")})}, passed: "no copy"},
		"a file with a digit in it": {situation: situation{old: debian(file("opt/x", "1\n")), app: layersOf([]entry{file("app", "1\n")})}, passed: "no copy"},
	})
}

func TestToolchain(t *testing.T) {
	gcc := func(header string) []entry {
		return debian(dir("usr/include"), file("usr/include/stdio.h", header), file("usr/lib/libz.a", "!<arch>\n"))
	}
	program := [][]entry{{file("app/run", "\x7fELF mine")}}
	expect(t, Toolchain, map[string]expectation{
		"bases without tools": {situation: situation{new: fixed(), app: program, makers: []string{"RUN"}}, passed: "the same compilers"},
		"a program built with tools that differ": {
			situation: situation{old: gcc("one"), new: gcc("two"), app: program, makers: []string{"RUN"}},
			refused:   "layer 1 of 1 (RUN) holds the program or library /app/run, and the new base changed what such are built with, as /usr/include/stdio.h; declare a build, or allow toolchain",
		},
		"one whose making is not known":    {situation: situation{old: gcc("one"), new: gcc("two"), app: program}, refused: "/app/run"},
		"one that was copied":              {situation: situation{old: gcc("one"), new: gcc("two"), app: program, makers: []string{"COPY"}}, passed: "1 tools that differ"},
		"one built with the same tools":    {situation: situation{old: gcc("one"), new: gcc("one"), app: program, makers: []string{"RUN"}}, passed: "the same compilers"},
		"scripts beside tools that differ": {situation: situation{old: gcc("one"), new: gcc("two"), app: layersOf([]entry{file("app", "#!/bin/sh\n")}), makers: []string{"RUN"}}, passed: "nothing that was built"},
	})
}
