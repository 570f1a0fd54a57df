package bench

import (
	"fmt"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/image"
)

// shape is what images are measured on: a base that moved, with every layer of it changed, and an app that was built
// on it.
type shape struct {
	// changed is how many layers each base has: L in what is said of requests.
	changed int
	// platforms are those of an index; none for a single image.
	platforms []string
	// annotated tells whether the app names its base in annotations; else in its provenance, as BuildKit by default.
	annotated bool
	// size is of the files of one base.
	size size
}

// size is a number of files and how many bytes each has.
type size struct{ files, each int }

var (
	// slim is about what debian:12-slim has, and small what images without a shell are built on.
	slim  = size{files: 3400, each: 7 << 10}
	small = size{files: 200, each: 10 << 10}
	// tiny is for who counts requests and takes no time.
	tiny = size{files: 40, each: 100}
)

// moves says that one file of so many is another one in the next release.
const moves = 10

const native = "linux/amd64"

var platforms = []string{native, "linux/arm64"}

func (s shape) String() string {
	kind := "one platform"
	if s.platforms != nil {
		kind = fmt.Sprintf("an index of %d platforms with provenance", len(s.platforms))
	}
	layers := "1 changed base layer"
	if s.changed > 1 {
		layers = fmt.Sprintf("%d changed base layers", s.changed)
	}
	return fmt.Sprintf("%s, %s, %d files in each base", kind, layers, s.size.files)
}

// children are how many images there are.
func (s shape) children() int { return max(1, len(s.platforms)) }

// release is a version of the base.
type release struct {
	version, libc string
	at            time.Time
}

var (
	released = release{"12.4", "2.36-9+deb12u4", time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)}
	fixed    = release{"12.8", "2.36-9+deb12u9", time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)}
)

// base makes a base's image for a platform.
func (s shape) base(t testing.TB, platform string, r release) v1.Image {
	t.Helper()
	p, err := v1.ParsePlatform(platform)
	must(t, err)
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	made, err = mutate.ConfigFile(made, &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Created: v1.Time{Time: r.at}, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin"}, Cmd: []string{"bash"}},
	})
	must(t, err)
	for i := range s.changed {
		a := newArchive(t, r.at)
		if i == 0 {
			a.distribution(platform, r)
		}
		for n := range s.size.files / s.changed {
			a.share(fmt.Sprintf("usr/share/%s/part-%d/%03d/%04d", platform, i, n/20, n), n%moves == 0, r, s.size.each)
		}
		made = stack(t, made, a.layer(), r.at, "RUN /bin/sh -c install # buildkit")
	}
	return made
}

// share adds a file that only some releases change.
func (a *archive) share(name string, moves bool, r release, size int) {
	if !moves {
		r = released
	}
	a.at = r.at
	a.random(name, name+r.version, size)
}

// distribution adds what a distribution is known by.
func (a *archive) distribution(platform string, r release) {
	a.file("etc/debian_version", r.version+"\n")
	a.file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
	a.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
	a.file("usr/lib/libc.so.6", platform+" GNU C Library (Debian GLIBC "+r.libc+") stable release version 2.36.\n")
	a.file("var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nArchitecture: all\nVersion: "+r.libc+"\n\n")
}

// on builds an app on a base's image.
func on(t testing.TB, base v1.Image, platform string) v1.Image {
	t.Helper()
	a := newArchive(t, released.at)
	for n := range 100 {
		name := fmt.Sprintf("srv/app/%03d", n)
		a.random(name, name+platform, 1<<10)
	}
	return stack(t, base, a.layer(), released.at, "COPY app /srv/app # buildkit")
}

func stack(t testing.TB, on v1.Image, layer v1.Layer, at time.Time, by string) v1.Image {
	t.Helper()
	stacked, err := mutate.Append(on, mutate.Addendum{
		Layer: layer, MediaType: types.OCILayer, History: v1.History{Created: v1.Time{Time: at}, CreatedBy: by},
	})
	must(t, err)
	return stacked
}

// annotate names the base in an image's annotations.
func annotate(app v1.Image, base image.Reference) v1.Image {
	annotated, _ := mutate.Annotations(app, map[string]string{
		image.AnnotationBaseName: base.WithDigest("").String(), image.AnnotationBaseDigest: base.Digest,
	}).(v1.Image)
	return annotated
}
