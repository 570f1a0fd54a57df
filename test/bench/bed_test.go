package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/authregistry"
)

// bed is a registry with the images of a shape.
type bed struct {
	t        testing.TB
	registry *authregistry.Registry
	shape    shape
	// base is the old base by its digest, with the tag that stands at the new one.
	base image.Reference
	now  string // the new base's digest
	// apps are how many repositories the app is in.
	apps int
	// layers and told are digests: of all layers, and of what is provenance.
	layers, told map[string]bool
}

const template = "template/app"

// newBed starts a registry, and has the images of a shape pushed there.
func newBed(t testing.TB, s shape) *bed {
	t.Helper()
	b := &bed{
		t: t, shape: s, registry: authregistry.Start(t, authregistry.Options{Login: authregistry.None}),
		layers: map[string]bool{}, told: map[string]bool{},
	}
	b.base = image.Reference{Repository: b.registry.Host + "/base/debian", Tag: "12"}
	old, apps := b.images(released), make([]member, 0, s.children())
	b.base.Digest = b.push(b.base.Repository+":12", old)
	for _, m := range old {
		apps = append(apps, b.app(m))
	}
	b.push(b.registry.Host+"/"+template+":1", apps)
	b.now = b.push(b.base.Repository+":12", b.images(fixed))
	b.readTold(b.registry.Host + "/" + template + ":1")
	return b
}

// images make a version of the base.
func (b *bed) images(r release) []member {
	if b.shape.platforms == nil {
		return []member{{native, b.shape.base(b.t, native, r), nil}}
	}
	var all []member
	for _, platform := range b.shape.platforms {
		all = append(all, member{platform, b.shape.base(b.t, platform, r), nil})
	}
	return all
}

// app builds an app on one platform's base, and has it tell of that.
func (b *bed) app(base member) member {
	app := member{base.platform, on(b.t, base.image, base.platform), nil}
	if b.shape.annotated {
		app.image = annotate(app.image, b.base)
	}
	if b.shape.platforms != nil {
		app.provenance = built(b.t, b.base, base.platform)
	}
	return app
}

// push pushes an image or, for a shape with platforms, an index of them, and gives its digest.
func (b *bed) push(to string, members []member) string {
	b.t.Helper()
	for _, m := range members {
		layers, err := m.image.Layers()
		must(b.t, err)
		for _, layer := range layers {
			b.layers[digestOf(b.t, layer)] = true
		}
	}
	if b.shape.platforms == nil {
		must(b.t, remote.Write(b.parse(to), members[0].image))
		return digestOf(b.t, members[0].image)
	}
	index := indexOf(b.t, members)
	must(b.t, remote.WriteIndex(b.parse(to), index))
	return digestOf(b.t, index)
}

// place puts the app into a repository that nobody has seen, and that has none of the new base's layers.
func (b *bed) place() image.Reference {
	b.t.Helper()
	b.apps++
	to := image.Reference{Repository: fmt.Sprintf("%s/team/app-%d", b.registry.Host, b.apps), Tag: "1"}
	found, err := remote.Get(b.parse(b.registry.Host + "/" + template + ":1"))
	must(b.t, err)
	if b.shape.platforms == nil {
		app, err := found.Image()
		must(b.t, err)
		must(b.t, remote.Write(b.parse(to.String()), app))
	} else {
		index, err := found.ImageIndex()
		must(b.t, err)
		must(b.t, remote.WriteIndex(b.parse(to.String()), index))
	}
	return to.WithDigest(found.Digest.String())
}

// readTold finds what of an image is provenance.
func (b *bed) readTold(reference string) {
	b.t.Helper()
	index, err := remote.Get(b.parse(reference))
	must(b.t, err)
	if !index.MediaType.IsIndex() {
		return
	}
	for _, entry := range b.manifest(index).Manifests {
		if entry.Annotations["vnd.docker.reference.type"] == "" {
			continue
		}
		b.told[entry.Digest.String()] = true
		telling, err := remote.Get(b.parse(reference).Context().Digest(entry.Digest.String()))
		must(b.t, err)
		manifest := b.manifest(telling)
		for _, blob := range append(manifest.Layers, manifest.Config) {
			b.told[blob.Digest.String()] = true
		}
	}
}

// document is an index's manifest and an image's.
type document struct {
	Manifests []v1.Descriptor `json:"manifests"`
	Config    v1.Descriptor   `json:"config"`
	Layers    []v1.Descriptor `json:"layers"`
}

func (b *bed) manifest(of *remote.Descriptor) document {
	b.t.Helper()
	var d document
	must(b.t, json.Unmarshal(of.Manifest, &d))
	return d
}

func (b *bed) parse(reference string) name.Reference {
	b.t.Helper()
	parsed, err := name.ParseReference(reference)
	must(b.t, err)
	return parsed
}

// count are requests, by what they are for.
type count struct {
	// requests are all but those of the others.
	requests int
	// lineage are those that read attestations, to find the base.
	lineage int
	// provenance are those that write attestations.
	provenance int
	// layers are layers that were read.
	layers int
}

// count tells requests apart by the digests that they name. The opening of an upload names none: each goes with what
// was sent then.
func (b *bed) count(requests []authregistry.Request) count {
	var c count
	for _, r := range requests {
		blob := strings.Contains(r.Path, "/blobs/")
		digest := "sha256:" + after(strings.ReplaceAll(r.Path, "%3A", ":"), "sha256:")
		switch {
		case b.told[digest] && r.Method == http.MethodPut && blob:
			c.provenance += 2
			c.requests-- // its opening
		case b.told[digest] && r.Method == http.MethodGet:
			c.lineage++
		case b.told[digest], strings.HasSuffix(r.Path, ".att"):
			c.provenance++
		case b.layers[digest] && r.Method == http.MethodGet && blob:
			c.layers++
		default:
			c.requests++
		}
	}
	return c
}

// after are the hexadecimal digits that follow a mark.
func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest[:min(64, len(rest))]
}
