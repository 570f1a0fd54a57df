//go:build integration

package rebase

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/image/safety"
)

const searchedByRoot = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// whatDebianIs are images on a real Debian, as released and with its security fixes. There are none where the demo has
// not made the two.
func whatDebianIs() map[string]shape {
	real := bases{
		old: base{at: released, finish: bootstrapped("released"), config: v1.Config{Env: []string{searchedByRoot}}},
		new: base{at: fixed, finish: bootstrapped("fixed"), config: v1.Config{Env: []string{searchedByRoot}}},
	}
	if !made("released") || !made("fixed") {
		return nil
	}
	return map[string]shape{
		"an app with an account": {bases: real, recipe: from(
			`ARG SOURCE_DATE_EPOCH`, `RUN useradd --system --create-home app`, `COPY --chown=app app /home/app/`,
			`USER app`,
		)},
		"apt-get install of a package": {refused: safety.PackageDatabases, bases: real, recipe: from(
			`RUN mkdir -p /tmp/p/DEBIAN && printf 'Package: hello\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.com>\nDescription: hello\n' > /tmp/p/DEBIAN/control \`,
			` && dpkg-deb --build /tmp/p /tmp/hello.deb && apt-get install --yes /tmp/hello.deb && rm -r /tmp/p /tmp/hello.deb`,
		)},
	}
}

func archive(name string) string {
	return filepath.Join("..", "..", ".cache", "demo", "bookworm-"+runtime.GOARCH+"-"+name+".tar.gz")
}

func made(name string) bool {
	_, err := os.Stat(archive(name))
	return err == nil
}

// bootstrapped adds a whole Debian.
func bootstrapped(name string) making {
	return func(t testing.TB, image v1.Image) v1.Image {
		t.Helper()
		l, err := tarball.LayerFromFile(archive(name), tarball.WithMediaType(types.OCILayer))
		must(t, err)
		image, err = mutate.AppendLayers(image, l)
		must(t, err)
		return image
	}
}
