//go:build integration

package rebase

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// base is what a base image is made of.
type base struct {
	// layers hold what each layer has, the lowest first.
	layers [][]entry
	// at is when it was made, and every file in it: a new base is made anew, whatever it has in common with the old.
	at     time.Time
	config v1.Config
	// finish has the last word about the image that was made, where it is set.
	finish func(testing.TB, v1.Image) v1.Image
}

// bases are a base image before and after it moved.
type bases struct{ old, new base }

// change changes the new base some more.
func (b bases) change(entries ...entry) bases {
	b.new.layers = append(b.new.layers[:len(b.new.layers):len(b.new.layers)], entries)
	return b
}

// configured changes the configurations of the old and the new base.
func (b bases) configured(how func(old, now *v1.Config)) bases {
	b.old.config, b.new.config = *b.old.config.DeepCopy(), *b.new.config.DeepCopy()
	how(&b.old.config, &b.new.config)
	return b
}

// finished has images of both bases changed by a function once they are made.
func (b bases) finished(how func(testing.TB, v1.Image) v1.Image) bases {
	b.old.finish, b.new.finish = how, how
	return b
}

var (
	released = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	fixed    = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

// image makes the base for a platform.
func (b base) image(t testing.TB, platform string) v1.Image {
	t.Helper()
	p, err := v1.ParsePlatform(platform)
	must(t, err)
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion,
		Created: v1.Time{Time: b.at}, RootFS: v1.RootFS{Type: "layers"}, Config: b.config,
	})
	must(t, err)
	for _, entries := range b.layers {
		image, err = mutate.Append(image, mutate.Addendum{
			Layer: layer(t, b.at, entries...), History: v1.History{Created: v1.Time{Time: b.at}, CreatedBy: "/bin/sh -c #(nop) ADD file"},
		})
		must(t, err)
	}
	if b.finish != nil {
		return b.finish(t, image)
	}
	return image
}

const (
	native  = "linux/" + runtime.GOARCH
	foreign = "linux/riscv64"
	library = "usr/lib/x86_64-linux-gnu/"
)

// shell is what steps run with: a static busybox.
func shell() []entry {
	binary, err := os.ReadFile("/bin/busybox")
	if err != nil {
		panic("a static busybox is needed for base images; Debian's package is busybox-static: " + err.Error())
	}
	entries := []entry{folder("usr"), folder("usr/bin"), program("usr/bin/busybox", string(binary))}
	for _, applet := range strings.Fields("sh cat chgrp chmod chown cp dd echo find ln ls mkdir mkfifo mknod mv printf rm rmdir sed seq sort touch true") {
		entries = append(entries, symlink("usr/bin/"+applet, "busybox"))
	}
	return entries
}

// skeleton are the folders of a distribution whose /bin and /lib are links into /usr.
func skeleton() []entry {
	entries := []entry{
		symlink("bin", "usr/bin"), symlink("lib", "usr/lib"), folder("tmp").mode(0o1777), folder("root").mode(0o700),
	}
	for _, name := range strings.Fields("dev etc home opt opt/tool proc run srv srv/data sys usr/lib usr/local usr/local/bin usr/share var var/lib") {
		entries = append(entries, folder(name))
	}
	return entries
}
