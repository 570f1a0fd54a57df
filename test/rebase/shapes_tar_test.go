//go:build integration

package rebase

import (
	"archive/tar"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/survey"
)

// whatTarsHold are images whose layers were written by something else than BuildKit.
func whatTarsHold() map[string]shape {
	capability := "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	own := []entry{folder("app"), file("app/data", "data\n")}
	on := func(b bases, hand making) shape { return shape{bases: b, hand: hand} }
	return map[string]shape{
		"extended attributes of a user": on(debian(), adding([]entry{folder("app").attribute("user.kind", "folder"), file("app/a", "a").attribute("user.note", "\x00binary\xff")})),
		"capabilities of a program":     on(debian(), adding([]entry{folder("app"), program("app/ping", "ping").attribute("security.capability", capability)})),
		"paths that begin with a dot":   on(debian(), streaming(dotted)),
		"paths that begin with a slash": on(debian(), streaming(func(t testing.TB, w *tar.Writer) {
			put(t, w, tar.Header{Name: "/app/", Typeflag: tar.TypeDir, Mode: 0o755}, "")
			put(t, w, tar.Header{Name: "/app/data", Mode: 0o644}, "data")
		})),
		"no folders but in paths":              on(debian(), adding([]entry{file("app/a/b/c/data", "data")})),
		"the same path twice":                  on(debian(), adding([]entry{folder("app"), file("app/data", "first"), file("app/data", "second").mode(0o600)})),
		"a file, then a folder":                on(debian(), adding([]entry{file("app", "file"), folder("app"), file("app/data", "data")})),
		"a comment for all entries":            on(debian(), streaming(commented)),
		"headers as GNU tar writes them":       on(debian(), streaming(gnu)),
		"a hard link before a rename":          on(debian(), adding([]entry{folder("app"), file("app/a", "one"), hardlink("app/b", "app/a"), file("app/a", "two")})),
		"a whiteout of what is not there":      on(debian(), adding(own, []entry{whiteout("app/nothing")})),
		"an opaque folder of its own":          on(debian(), adding(own, []entry{folder("app"), opaque("app"), file("app/other", "other")})),
		"an opaque folder that stays":          on(debian(), adding([]entry{folder("opt/tool"), opaque("opt/tool"), file("opt/tool/mine", "mine")})),
		"an opaque folder that nothing was in": on(debian(), adding([]entry{folder("home"), opaque("home"), file("home/mine", "mine")})),
		"AUFS's own files":                     on(debian(), adding(append([]entry{file(".wh..wh.aufs", ""), folder(".wh..wh.plnk")}, own...))),
		"an empty layer":                       on(debian(), adding(nil, own, nil, nil)),
		"the base's last layer again":          on(debian(), again),
		"a hundred layers":                     on(debian(), adding(hundred()...)),
		"random layers on a random image":      on(randomBases(), randomLayers(3)),
		"an image without a configuration": on(files(), func(t testing.TB, below v1.Image) v1.Image {
			return reconfigured(func(c *v1.ConfigFile) { c.Config = v1.Config{} })(t, adding(own)(t, below))
		}),
	}
}

// whatTarsHide are images whose layers do something else than they seem to, or not the same everywhere.
func whatTarsHide() map[string]shape {
	refuse := func(by safety.Check, on bases, hand making) shape { return shape{bases: on, hand: hand, refused: by} }
	return map[string]shape{
		"a hard link to a file that changes":  refuse(safety.Paths, debian(), adding([]entry{hardlink("srv/alias", "srv/data/moving")})),
		"an opaque folder over /etc":          refuse(safety.Paths, debian(), adding([]entry{folder("etc"), opaque("etc"), file("etc/passwd", "root:x:0:0::/:/bin/sh\n")})),
		"a path that goes up":                 refuse(safety.Paths, debian(), adding([]entry{file("opt/../etc/debian_version", "mine\n")})),
		"a path that leads out":               refuse(survey.Known, debian(), adding([]entry{file("../etc/debian_version", "mine\n")})),
		"a path through a link of the base":   refuse(safety.Paths, debian(), adding([]entry{file("lib/x86_64-linux-gnu/libssl.so.3", "mine\n")})),
		"a whiteout through a link":           refuse(safety.Paths, debian(), adding([]entry{whiteout("lib/x86_64-linux-gnu/libssl.so.3")})),
		"a file and its whiteout in a layer":  refuse(survey.Known, debian(), adding([]entry{file("srv/data/stable", "mine"), whiteout("srv/data/stable")})),
		"a device that overlayfs deletes by":  refuse(survey.Known, debian(), adding([]entry{device("srv/data/moving", 0, 0)})),
		"an attribute that hides a folder":    refuse(survey.Known, debian(), adding([]entry{folder("srv/data").attribute("trusted.overlay.opaque", "y"), file("srv/data/mine", "mine")})),
		"a link in a path that comes with it": refuse(safety.Paths, debian(), adding([]entry{symlink("srv/link", "data"), file("srv/link/moving", "mine\n")})),
		"the root's own mode":                 refuse(safety.Paths, debian().change(folder(".").mode(0o750)), adding([]entry{folder(".").mode(0o755), file("data", "data\n")})),
		"a new /lib that is a link":           refuse(safety.Paths, usrmerge(), adding([]entry{folder("lib"), file("lib/mine.so", "mine")})),
	}
}

func dotted(t testing.TB, w *tar.Writer) {
	t.Helper()
	put(t, w, tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o755}, "")
	put(t, w, tar.Header{Name: "./app/", Typeflag: tar.TypeDir, Mode: 0o755}, "")
	put(t, w, tar.Header{Name: "./app//data", Mode: 0o644}, "data")
	put(t, w, tar.Header{Name: "app/./link", Typeflag: tar.TypeSymlink, Linkname: "./data", Mode: 0o777}, "")
}

// commented begins as an archive that git writes does.
func commented(t testing.TB, w *tar.Writer) {
	t.Helper()
	put(t, w, tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": strings.Repeat("0a", 20)}}, "")
	put(t, w, tar.Header{Name: "app/", Typeflag: tar.TypeDir, Mode: 0o755}, "")
	put(t, w, tar.Header{Name: "app/data", Mode: 0o644}, "data")
}

func gnu(t testing.TB, w *tar.Writer) {
	t.Helper()
	long := "app/" + strings.Repeat("long-", 40)
	put(t, w, tar.Header{Name: "app/", Typeflag: tar.TypeDir, Mode: 0o755, Format: tar.FormatGNU}, "")
	put(t, w, tar.Header{Name: long, Mode: 0o644, Format: tar.FormatGNU, Uid: 1 << 30, Gid: 1 << 30}, "data")
	put(t, w, tar.Header{Name: "app/link", Typeflag: tar.TypeSymlink, Linkname: long, Mode: 0o777, Format: tar.FormatGNU}, "")
}

func device(name string, major, minor int64) entry {
	return entry{header: tar.Header{Typeflag: tar.TypeChar, Name: name, Mode: 0o600, Devmajor: major, Devminor: minor}}
}

// again has the base's last layer as its own first.
func again(t testing.TB, below v1.Image) v1.Image {
	t.Helper()
	return adding([]entry{shell()[0]}, shell(), []entry{file("srv/last", "last")})(t, below)
}

func hundred() [][]entry {
	var layers [][]entry
	for i := range 100 {
		layers = append(layers, []entry{file(fmt.Sprintf("srv/%d", i), "data"), file("srv/last", fmt.Sprint(i))})
	}
	return layers
}

// randomBases are images of go-containerregistry's: each layer has a file of a random name with random bytes.
func randomBases() bases {
	b := files()
	b.old.finish, b.new.finish = randomLayers(1), randomLayers(2)
	return b
}

func randomLayers(seed int64) making {
	return func(t testing.TB, below v1.Image) v1.Image {
		t.Helper()
		made, err := random.Image(4096, 3, random.WithSource(rand.NewSource(seed)))
		must(t, err)
		layers, err := made.Layers()
		must(t, err)
		return appended(t, below, layers...)
	}
}

// usrmerge has /lib become a link into /usr.
func usrmerge() bases {
	b := debian()
	for i, e := range b.old.layers[1] {
		if e.header.Name == "lib" {
			b.old.layers[1][i] = folder("lib")
		}
	}
	return b
}
