package images

import (
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Platform is what the images here are for: the node runs on the machine of the tests.
const Platform = "linux/" + runtime.GOARCH

// Start is the program that a base brings along, and that apps run: it says the base's version, and stays.
const Start = "/bin/start"

// Ready is the program of a base that tells whether an app on it is ready.
const Ready = "/bin/ready"

const (
	working = "#!/bin/sh\ncat /version\ntrap 'exit 0' TERM\nwhile true; do sleep 1000 & wait; done\n"
	ready   = "#!/bin/sh\nexit 0\n"
)

// Base is a base image that is followed by its tag.
type Base struct {
	// Reference is repository:tag.
	Reference string
	name      string
	shelf     *Shelf
}

// NewBase pushes a base of a version. What it runs says that version.
func (s *Shelf) NewBase(name, version string) *Base {
	s.t.Helper()
	b := &Base{Reference: s.Repository(name) + ":12", name: name, shelf: s}
	b.Move(version)
	return b
}

// Repository is the base's, as it stands in the URLs of the registry.
func (b *Base) Repository() string { return b.shelf.Path(b.name) }

// Move has the tag point at a base of another version, and returns its digest.
func (b *Base) Move(version string) string {
	b.shelf.t.Helper()
	return b.push(bringing(version, working, ready))
}

// MoveToCrashing has the tag point at a base on which apps end at once, with words of their own.
func (b *Base) MoveToCrashing(version, words string) string {
	b.shelf.t.Helper()
	return b.push(bringing(version, "#!/bin/sh\necho "+words+" >&2\nexit 3\n", ready))
}

// MoveToLacking has the tag point at a base that lacks the program that apps run.
func (b *Base) MoveToLacking(version string) string {
	b.shelf.t.Helper()
	return b.push(map[string]string{"version": version + "\n"})
}

// bringing are the files of a base of a version that brings both programs along.
func bringing(version, start, ready string) map[string]string {
	return map[string]string{"version": version + "\n", Start[1:]: start, Ready[1:]: ready}
}

// Digest is where the tag stands now.
func (b *Base) Digest() string { return b.shelf.Digest(b.Reference) }

func (b *Base) push(content map[string]string) string {
	b.shelf.t.Helper()
	image, err := onShell(content)
	b.shelf.must(err)
	b.shelf.must(remote.Write(b.shelf.parse(b.Reference), image, b.shelf.remote...))
	return b.Digest()
}

func onShell(content map[string]string) (v1.Image, error) {
	image := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config.OS, config.Architecture, config.Config.Env = "linux", runtime.GOARCH, []string{"PATH=/bin"}
	image, err = mutate.ConfigFile(image, config)
	if err != nil {
		return nil, err
	}
	shell, err := shell()
	if err != nil {
		return nil, err
	}
	layer, err := files(content)
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(image, shell, layer)
}
