package safety

import (
	"testing"
)

// fixed is a Debian with fixes: what most bases look like when they move.
func fixed(changes ...entry) []entry {
	return debian(append([]entry{
		file("usr/lib/libssl.so.3", "\x7fELF ssl two"), file("etc/debian_version", "12.8\n"),
		file("var/lib/dpkg/status", "Package: libc6\nVersion: 2\n"),
	}, changes...)...)
}

func TestWhatARebaseMustNotGetWrong(t *testing.T) {
	curl := []entry{dir("usr"), dir("usr/bin"), file("usr/bin/curl", "\x7fELF"), dir("var"), dir("var/lib"), dir("var/lib/dpkg"),
		file("var/lib/dpkg/status", "Package: libc6\nPackage: curl\n"), dir("etc"), file("etc/ld.so.cache", "cache of mine")}
	tests := map[string]struct {
		situation
		refused string
	}{
		"a copied file": {situation{app: layersOf([]entry{dir("app"), file("app/run", "mine")})}, "[]"},
		"apt-get install in the app's layer": {
			situation{app: layersOf(curl), makers: []string{"RUN"}}, "[paths package-databases linker-cache]",
		},
		"base files that the app removed":    {situation{app: layersOf([]entry{whiteout("etc/debian_version")})}, "[paths]"},
		"base files that nobody changed":     {situation{app: layersOf([]entry{whiteout("srv/data/one")})}, "[]"},
		"a replaced C library":               {situation{app: layersOf([]entry{file("lib/libc.so.6", "\x7fELF mine")})}, "[]"},
		"a replaced library that is fixed":   {situation{app: layersOf([]entry{file("lib/libssl.so.3", "\x7fELF mine")})}, "[paths]"},
		"an opaque directory over /etc":      {situation{app: layersOf([]entry{dir("etc"), opaque("etc"), file("etc/motd", "mine")})}, "[paths]"},
		"owners of a user namespace":         {situation{app: layersOf([]entry{dir("srv").owner(1e5, 1e5), file("srv/mine", "x").owner(1e5, 1e5)})}, "[]"},
		"owners of a user namespace on both": {situation{old: shifted(debian()), new: shifted(fixed()), app: layersOf([]entry{dir("srv").owner(1e5, 1e5), file("srv/mine", "x")})}, "[]"},
		"owners of a user namespace in the new base": {
			situation{new: shifted(fixed()), app: layersOf([]entry{dir("srv"), file("srv/mine", "x")})}, "[paths]",
		},
		"a hard link into a file that is fixed":       {situation{app: layersOf([]entry{hardlink("app", "usr/lib/libssl.so.3")})}, "[paths]"},
		"a hard link into a file that nobody changed": {situation{app: layersOf([]entry{hardlink("app", "srv/data/one")})}, "[]"},
		"a changed entrypoint and search path": {situation{app: layersOf([]entry{file("app", "x")}), makers: []string{"COPY"}, change: func(c *Case) {
			c.App.Config.Env, c.OldBase.Config.Env = []string{"PATH=/app:/bin"}, []string{"PATH=/bin"}
			c.NewBase.Config.Env, c.NewBase.Config.Entrypoint = []string{"PATH=/sbin:/bin"}, []string{"/init"}
		}}, "[]"},
		"the same for an image without history": {situation{app: layersOf([]entry{file("app", "x")}), change: func(c *Case) {
			c.NewBase.Config.Entrypoint = []string{"/init"}
		}}, "[history]"},
		"another image's layers": {situation{change: func(c *Case) { c.OldBase.DiffIDs = []string{"other"} }}, "[layers]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.new == nil {
				tt.new = fixed()
			}
			results := tt.prove(t)
			if got := refusals(results); got != tt.refused {
				t.Errorf("refused by %s, want %s: %+v", got, tt.refused, results)
			}
		})
	}
}

func layersOf(all ...[]entry) [][]entry { return all }

func shifted(entries []entry) []entry {
	for i := range entries {
		entries[i] = entries[i].owner(1e5, 1e5)
	}
	return entries
}
