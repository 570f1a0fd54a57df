//go:build integration

package rebase

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/test/cluster"
)

// shape is an image that is built on a base which then moves.
type shape struct {
	bases bases
	recipe
	// hand makes the image on a base in place of BuildKit, where it is set. It says what a person would have done, so
	// that the same can be done on the new base.
	hand func(testing.TB, v1.Image) v1.Image
	// then changes the image once it is built: how, not what, it is. The one that is built anew is left as it is.
	then func(testing.TB, v1.Image) v1.Image
	// still are platforms on which the base does not move.
	still []string
	// lost is a platform that the new base is not for.
	lost string
	// recorded changes the old base once the image is built, and that is the one which the image's lineage names.
	recorded func(testing.TB, v1.Image) v1.Image
	// refused is the check that has to refuse the rebase. Where it is empty, the image has to be rebased, and equal to
	// the one that is built anew.
	refused safety.Check
}

// gallery is what all shapes share: the registry, BuildKit, and a node.
type gallery struct {
	kit    kit
	node   node
	client *registry.Client
	// remote has the tests' own client keep its connections.
	remote []remote.Option
	prefix string
	// pushed are the digests of the bases that are there: shapes have them in common.
	pushed *sync.Map
}

func newGallery(t testing.TB) gallery {
	t.Helper()
	registry := cluster.SkipWithout(t, cluster.Registry)
	prefix := registry + "/shapes/" + strings.ToLower(rand.Text()[:8])
	puller, err := remote.NewPuller()
	must(t, err)
	pusher, err := remote.NewPusher(remote.WithNondistributable)
	must(t, err)
	reused := []remote.Option{remote.Reuse(puller), remote.Reuse(pusher)}
	return gallery{connect(t), newNode(t), newClient(t, registry), reused, prefix, &sync.Map{}}
}

// work is a shape with its images, by digest, in the registry.
type work struct {
	gallery
	shape
	t testing.TB
	// own is where its images are: app, anew and patched.
	own string
	// old and now are the digests of the base, before and after it moved.
	old, now, app string
}

// prepare makes the bases, and the image on the old one.
func (g gallery) prepare(t testing.TB, number int, s shape) *work {
	t.Helper()
	w := &work{gallery: g, shape: s, t: t, own: fmt.Sprintf("%s/%d", g.prefix, number)}
	w.old = w.push(s.bases.old)
	var err error
	w.app, err = w.make("app:v1", w.old)
	must(t, err)
	if s.then != nil {
		w.app = w.write("app:v1", s.then(t, w.read("app", w.app)))
	}
	if s.recorded != nil {
		w.old = w.write(followed, s.recorded(t, w.read("base", w.old)))
	}
	w.now = w.push(s.bases.new)
	return w
}

// make builds the shape on a base of a digest.
func (w *work) make(name, base string) (string, error) {
	w.t.Helper()
	if w.hand != nil {
		return w.write(name, w.hand(w.t, w.read("base", base))), nil
	}
	if err := w.kit.build(w.t.Context(), w.recipe, w.at(followed+"@"+base), w.at(name)); err != nil {
		return "", err
	}
	return w.digest(name), nil
}

// followed is the base's tag. What it stands for is told by digest everywhere.
const followed = "base:12"

// push pushes a base for each platform: an index where there are several.
func (w *work) push(b base) string {
	w.t.Helper()
	if len(w.on()) == 1 {
		image := b.image(w.t, w.on()[0])
		digest, err := image.Digest()
		must(w.t, err)
		if _, there := w.pushed.Load(digest.String()); there {
			return digest.String()
		}
		w.pushed.Store(w.write(followed, image), nil)
		return digest.String()
	}
	index := w.index(b)
	must(w.t, remote.WriteIndex(parse(w.t, w.at(followed)), index, w.remote...))
	digest, err := index.Digest()
	must(w.t, err)
	return digest.String()
}

func (w *work) index(b base) v1.ImageIndex {
	w.t.Helper()
	index := v1.ImageIndex(empty.Index)
	for _, platform := range w.on() {
		if platform == w.lost && b.at.Equal(fixed) {
			continue
		}
		p, err := v1.ParsePlatform(platform)
		must(w.t, err)
		image := w.moved(b, platform).image(w.t, platform)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: p}})
	}
	return index
}

// moved is the base for a platform: the old one where it stands still.
func (w *work) moved(b base, platform string) base {
	if slices.Contains(w.still, platform) {
		return w.bases.old
	}
	return b
}

// at is an image in the registry: the shape's own or, as base, one that shapes have in common.
func (w *work) at(name string) string {
	if strings.HasPrefix(name, "base") {
		return w.prefix + "/" + name
	}
	return w.own + "/" + name
}

func (w *work) write(name string, image v1.Image) string {
	w.t.Helper()
	must(w.t, remote.Write(parse(w.t, w.at(name)), image, w.remote...))
	digest, err := image.Digest()
	must(w.t, err)
	return digest.String()
}

func (w *work) digest(name string) string {
	w.t.Helper()
	found, err := remote.Head(parse(w.t, w.at(name)), w.remote...)
	must(w.t, err)
	return found.Digest.String()
}

// read is the native image of a digest in a repository of the shape.
func (w *work) read(name, digest string) v1.Image {
	w.t.Helper()
	return w.readFor(native, name, digest)
}

func (w *work) readFor(platform, name, digest string) v1.Image {
	w.t.Helper()
	p, err := v1.ParsePlatform(platform)
	must(w.t, err)
	image, err := remote.Image(parse(w.t, w.at(name)+"@"+digest), append(w.remote[:2:2], remote.WithPlatform(*p))...)
	must(w.t, err)
	return image
}
