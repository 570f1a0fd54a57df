package safety

import "testing"

func TestPatterns(t *testing.T) {
	more := debian(file("srv/data/three", "data three"))
	step := []string{"RUN"}
	python := func(changes ...entry) []entry {
		return debian(append([]entry{
			dir("usr/lib/a"), dir("usr/lib/b"), dir("usr/lib/c"), file("usr/lib/a/x.pyc", "ax"), file("usr/lib/b/y.pyc", "by"), file("usr/lib/c/z", "cz"),
		}, changes...)...)
	}
	expect(t, Patterns, map[string]expectation{
		"nothing deleted": {situation: situation{new: more, app: layersOf([]entry{file("srv/data/mine", "x")})}, passed: "no new neighbours"},
		"a file deleted where the base got another": {
			situation: situation{new: more, app: layersOf([]entry{whiteout("srv/data/one")}), makers: step},
			refused:   "the image's own layer 1 of 1 (RUN) deletes /srv/data/one, beside which the new base has more: a build may delete that too; declare a build, or allow patterns",
		},
		"a file deleted where the base got none": {situation: situation{new: fixed(), app: layersOf([]entry{whiteout("srv/data/one")})}, passed: "no new"},
		"a file deleted below where it got one":  {situation: situation{new: debian(file("srv/new", "x")), app: layersOf([]entry{whiteout("srv/data/one")})}, passed: "no new"},
		"a directory made anew where the base got another": {
			situation: situation{new: debian(dir("srv/more")), app: layersOf([]entry{dir("srv/data"), opaque("srv/data")})}, refused: "deletes /srv/data, beside",
		},
		"a file of its own deleted where the base got another": {
			situation: situation{new: more, app: layersOf([]entry{file("srv/data/mine", "x")}, []entry{whiteout("srv/data/mine")})}, refused: "layer 2 of 2 deletes /srv/data/mine, beside",
		},
		"a file of its own given away where the base got another": {
			situation: situation{new: more, app: layersOf([]entry{file("srv/data/mine", "x")}, []entry{file("srv/data/mine", "x").owner(9, 9)})}, refused: "layer 2 of 2 changes the mode or owner of /srv/data/mine",
		},
		"a file deleted that was not there": {situation: situation{new: more, app: layersOf([]entry{whiteout("srv/data/mine")})}, passed: "no new"},
		"all of a directory given away":     {situation: situation{new: more, app: layersOf([]entry{dir("srv/data").owner(9, 9), file("srv/data/one", "data one").owner(9, 9)}), makers: step}, refused: "changes the mode or owner of /srv/data, /srv/data/one, beside"},
		"a file given away where the base got one": {
			situation: situation{new: more, app: layersOf([]entry{dir("srv/data"), file("srv/data/one", "data one").mode(0o600)})}, refused: "changes the mode or owner of /srv/data/one",
		},
		"a link given away": {
			situation: situation{new: debian(file("etc/new", "x")), app: layersOf([]entry{symlink("etc/os-release", "../usr/lib/os-release").owner(9, 9)})}, refused: "/etc/os-release",
		},
		"a directory given away where nothing is new": {situation: situation{new: fixed(), app: layersOf([]entry{dir("srv/data").owner(9, 9)})}, passed: "no new"},
		"a file written anew":                         {situation: situation{new: more, app: layersOf([]entry{file("srv/data/one", "mine")})}, passed: "no new"},
		"a file copied over the same one": {
			situation: situation{new: more, app: layersOf([]entry{file("srv/data/one", "data one").mode(0o600)}), makers: []string{"COPY"}}, passed: "no new",
		},
		"files of a kind deleted, of which there are more elsewhere": {
			situation: situation{old: python(), new: python(file("usr/lib/c/new.pyc", "x")), app: layersOf([]entry{whiteout("usr/lib/a/x.pyc"), whiteout("usr/lib/b/y.pyc")})},
			refused:   "deletes /usr/lib/a/x.pyc, /usr/lib/b/y.pyc, and the new base has more of that name or kind elsewhere",
		},
		"files of a kind deleted, of which there are no more": {
			situation: situation{old: python(), new: python(file("usr/lib/c/new.py", "x")), app: layersOf([]entry{whiteout("usr/lib/a/x.pyc"), whiteout("usr/lib/b/y.pyc")})},
			passed:    "no new",
		},
		"files of a kind made executable, of which there are more elsewhere": {
			situation: situation{old: python(), new: python(file("usr/lib/c/new.pyc", "x")), app: layersOf([]entry{file("usr/lib/a/x.pyc", "ax").mode(0o755)})},
			refused:   "changes the mode or owner of /usr/lib/a/x.pyc, and the new base has more of that name or kind elsewhere",
		},
		"a file of its own made executable, of whose kind there are more elsewhere": {
			situation: situation{new: python(file("usr/lib/c/new.sh", "x")), app: layersOf([]entry{file("app/x.sh", "x")}, []entry{file("app/x.sh", "x").mode(0o755)})}, passed: "no new",
		},
		"setuid taken away, where more have it": {
			situation: situation{old: debian(file("usr/bin/su", "su").mode(0o4755)), new: debian(file("usr/bin/su", "su").mode(0o4755), file("opt/su", "x").mode(0o4755)), app: layersOf([]entry{file("usr/bin/su", "su").mode(0o755)})},
			refused:   "takes setuid or setgid from /usr/bin/su",
		},
		"setuid taken away, where none else has it": {
			situation: situation{old: debian(file("usr/bin/su", "su").mode(0o4755)), new: debian(file("usr/bin/su", "su").mode(0o4755), file("opt/x", "x")), app: layersOf([]entry{file("usr/bin/su", "su").mode(0o755)})},
			passed:    "no new",
		},
	})
}

func TestLinks(t *testing.T) {
	java := debian(dir("opt/java-17.0.8"), file("opt/java-17.0.8/java", "java"))
	expect(t, Links, map[string]expectation{
		"none": {passed: "each of the 0 symbolic links"},
		"a link to what is in both": {
			situation: situation{new: fixed(), app: layersOf([]entry{symlink("app", "bin/sh"), symlink("opt/app", "../lib/libssl.so.3")})}, passed: "each of the 2",
		},
		"a link to what the new base lost": {
			situation: situation{old: java, app: layersOf([]entry{symlink("usr/bin/java", "/opt/java-17.0.8/java")})}, refused: "makes the symbolic link /usr/bin/java, which leads to nothing",
		},
		"a link over links to what the new base lost": {
			situation: situation{old: java, app: layersOf([]entry{symlink("j", "opt/java-17.0.8"), symlink("usr/bin/java", "../lib/../../j/java")})}, refused: "/j, /usr/bin/java",
		},
		"a link to what the app brings itself": {
			situation: situation{app: layersOf([]entry{symlink("app", "srv/mine")}, []entry{file("srv/mine", "x")})}, passed: "each of the 1",
		},
		"a link that never led anywhere":    {situation: situation{app: layersOf([]entry{symlink("app", "/proc/self/fd"), symlink("loop", "loop")})}, passed: "each of the 2"},
		"a link that a later layer took":    {situation: situation{old: java, app: layersOf([]entry{symlink("app", "opt/java-17.0.8")}, []entry{whiteout("app")})}, passed: "each of the 0"},
		"a link that leads out and back in": {situation: situation{app: layersOf([]entry{symlink("srv/x", "../../../../etc/passwd")})}, passed: "each of the 1"},
	})
}
