package safety

import (
	"fmt"
	"testing"
)

func TestPaths(t *testing.T) {
	tool := func(entries ...entry) []entry { return debian(append([]entry{dir("opt/tool")}, entries...)...) }
	expect(t, Paths, map[string]expectation{
		"nothing of its own": {situation: situation{new: fixed()}, passed: "none of the 0 entries"},
		"files of its own": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("app"), file("app/run", "x"), symlink("app/sh", "/bin/sh")})},
			passed:    "none of the 3 entries of the image's own layers is about one of the 3 paths",
		},
		"directories of the base that have its files in them": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("usr"), dir("usr/bin"), file("usr/bin/mine", "x")})}, passed: "none",
		},
		"a file that nobody changed": {situation: situation{new: fixed(), app: layersOf([]entry{file("srv/data/one", "x")})}, passed: "none"},
		"a file that the new base changed": {
			situation: situation{new: fixed(), app: layersOf(nil, []entry{file("etc/debian_version", "x")}), makers: []string{"COPY", "RUN"}},
			refused:   "the image's own layer 2 of 2 (RUN) writes /etc/debian_version, which the new base changed; declare a build, or allow paths",
		},
		"a file whose mode alone it changed": {
			situation: situation{new: debian(file("srv/data/one", "data one").mode(0o600)), app: layersOf([]entry{file("srv/data/one", "x")})},
			refused:   "writes /srv/data/one",
		},
		"a file whose capabilities alone it changed": {
			situation: situation{new: debian(file("srv/data/one", "data one").attribute("security.capability", "\x01")), app: layersOf([]entry{file("srv/data/one", "x")})},
			refused:   "writes /srv/data/one",
		},
		"a file that the new base brings": {
			situation: situation{new: debian(file("srv/mine", "theirs")), app: layersOf([]entry{file("srv/mine", "mine")})},
			refused:   "writes /srv/mine",
		},
		"a file that the new base lost": {
			situation: situation{old: debian(file("srv/theirs", "x")), app: layersOf([]entry{file("srv/theirs", "mine")})},
			refused:   "writes /srv/theirs",
		},
		"a deleted file that the new base changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{whiteout("etc/debian_version")})}, refused: "deletes /etc/debian_version",
		},
		"a deleted directory in which something changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{whiteout("var")})}, refused: "deletes /var, where",
		},
		"a deleted directory in which nothing changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{whiteout("srv/data")})}, passed: "none",
		},
		"a hidden directory in which something changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("var/lib"), opaque("var/lib")})}, refused: "hides what the base has in /var/lib",
		},
		"a hidden directory in which nothing changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("srv/data"), opaque("srv/data")})}, passed: "none",
		},
		"a hidden directory that the new base lost": {
			situation: situation{old: tool(), new: fixed(), app: layersOf([]entry{opaque("opt/tool")})}, refused: "hides what the base has in /opt/tool",
		},
		"a link in place of a directory in which something changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{symlink("var/lib", "/data")})}, refused: "puts something else in place of the directory /var/lib",
		},
		"a link in place of a directory in which nothing changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{symlink("srv/data", "/data")})}, passed: "none",
		},
		"a directory in place of a file that the new base changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("etc/debian_version")})}, refused: "writes /etc/debian_version",
		},
		"a directory in place of a file that nobody changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("srv/data/one"), file("srv/data/one/x", "x")})}, passed: "none",
		},
		"a directory as it was, which the new base changed": {
			situation: situation{new: debian(dir("srv").mode(0o700)), app: layersOf([]entry{dir("srv"), file("srv/mine", "x")})},
			refused:   "has /srv with the mode, owner or attributes of the old base",
		},
		"a directory as it will be": {
			situation: situation{new: debian(dir("srv").mode(0o700)), app: layersOf([]entry{dir("srv").mode(0o700), file("srv/mine", "x")})}, passed: "none",
		},
		"a directory of another mode that nobody else changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{dir("srv").mode(0o700)})}, passed: "none",
		},
		"a directory that the new base brings as well": {
			situation: situation{new: debian(dir("app"), file("app/theirs", "x")), app: layersOf([]entry{dir("app"), file("app/mine", "x")}), makers: []string{"COPY"}},
			passed:    "none",
		},
		"a directory that the new base brings as well, made by a step": {
			situation: situation{new: debian(dir("app")), app: layersOf([]entry{dir("app"), file("app/mine", "x")}), makers: []string{"RUN"}},
			refused:   "(RUN) writes /app, which the new base changed; the image's own layer 1 of 1 (RUN) puts /app/mine below",
		},
		"a directory that the new base brings with another mode": {
			situation: situation{new: debian(dir("app").mode(0o700)), app: layersOf([]entry{dir("app"), file("app/mine", "x")}), makers: []string{"COPY"}},
			refused:   "has /app with the mode",
		},
		"a file below a directory that the new base lost": {
			situation: situation{old: tool(), app: layersOf([]entry{dir("opt/tool"), dir("opt/tool/plugins"), file("opt/tool/plugins/mine", "x")})},
			refused:   "puts /opt/tool/plugins, /opt/tool/plugins/mine below a directory that is not the same one",
		},
		"a file below a directory that became a link": {
			situation: situation{old: tool(), new: debian(symlink("opt/tool", "../srv")), app: layersOf([]entry{file("opt/tool/mine", "x")})},
			refused:   "writes /opt/tool/mine",
		},
		"a file behind a link of the base": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("lib/mine.so", "x"), file("bin/mine", "x")})}, passed: "none",
		},
		"a changed file behind a link of the base": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("lib/libssl.so.3", "x")})}, refused: "writes /usr/lib/libssl.so.3",
		},
		"a changed file behind a link of its own": {
			situation: situation{new: fixed(), app: layersOf([]entry{symlink("srv/etc", "../etc")}, []entry{file("srv/etc/debian_version", "x")})},
			refused:   "layer 2 of 2 writes /etc/debian_version",
		},
		"a changed file behind a link in the same layer": {
			situation: situation{new: fixed(), app: layersOf([]entry{symlink("srv/etc", "/etc"), file("srv/etc/debian_version", "x")})},
			refused:   "writes /etc/debian_version",
		},
		"a file behind a link that leads elsewhere": {
			situation: situation{old: debian(symlink("current", "srv")), new: debian(symlink("current", "opt")), app: layersOf([]entry{file("current/mine", "x")})},
			refused:   "writes /current/mine, /srv/mine, /opt/mine, to which links lead that the new base changed",
		},
		"a hard link to what the new base changed": {
			situation: situation{new: fixed(), app: layersOf([]entry{hardlink("app", "lib/libssl.so.3")})}, refused: "has /app for a hard link",
		},
		"a hard link to what the new base lost": {
			situation: situation{old: debian(file("srv/theirs", "x")), app: layersOf([]entry{hardlink("app", "srv/theirs")})}, refused: "has /app for a hard link",
		},
		"a hard link to nothing": {situation: situation{app: layersOf([]entry{hardlink("app", "nowhere")})}, refused: "has /app for a hard link"},
		"a hard link to a file of its own": {
			situation: situation{new: fixed(), app: layersOf([]entry{file("a", "x"), hardlink("b", "a")}, []entry{hardlink("c", "b")})}, passed: "none",
		},
		"more files than a reason lists": {
			situation: situation{old: debian(numbered(42, "a")...), new: debian(numbered(42, "b")...), app: layersOf(numbered(42, "c"))},
			refused:   "writes /srv/0, /srv/1, /srv/2, /srv/3, /srv/4 and 37 more, which",
		},
		"a name that nobody should print": {
			situation: situation{new: debian(file("srv/a\nb", "x")), app: layersOf([]entry{file("srv/a\nb", "y")})}, refused: `writes "/srv/a\nb", which`,
		},
	})
}

func numbered(n int, body string) []entry {
	all := make([]entry, n)
	for i := range all {
		all[i] = file(fmt.Sprintf("srv/%d", i), body)
	}
	return all
}
