package rebase

import (
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// writes collects what is to be pushed into one repository, each blob once.
type writes struct {
	to image.Reference // the output
	// there are the blobs that the repository has already, or will have by an earlier write.
	there map[string]bool
	all   []Write
}

// newWrites begins with what is known to be in the repository: a repository has what its own manifests refer to.
func newWrites(j job, children []child) *writes {
	w := &writes{to: j.output, there: map[string]bool{}}
	for _, c := range children {
		for _, known := range []single{c.app, c.old, c.new} {
			if known.ref.Repository == w.to.Repository {
				w.has(known.manifest)
			}
		}
	}
	return w
}

func (w *writes) has(manifest document) {
	for _, layer := range manifest.Layers {
		w.there[layer.Digest.String()] = true
	}
}

// mount adds a blob that one of some images holds. One on the same registry is taken if there is any.
func (w *writes) mount(blob ocispec.Descriptor, holders ...image.Reference) {
	if w.there[blob.Digest.String()] {
		return
	}
	w.there[blob.Digest.String()] = true
	near := slices.IndexFunc(holders, func(ref image.Reference) bool { return ref.Registry() == w.to.Registry() })
	w.all = append(w.all, Write{To: w.to, From: holders[max(near, 0)], Descriptor: blob})
}

// upload adds a blob of ours. It is uploaded even where the repository may have it: asking would cost as much.
func (w *writes) upload(b blob) {
	if !w.contains(func(o Write) bool { return o.Content != nil && o.Descriptor.Digest == b.descriptor.Digest }) {
		w.all = append(w.all, Write{To: w.to, Descriptor: b.descriptor, Content: b.content})
	}
}

// put adds a manifest under a tag or, if that is empty, under its digest alone. Where two entries of an index are one
// image, its manifest is put once, and its tag stands for what was first told of it.
func (w *writes) put(s stage, name string, b blob) {
	to := image.Reference{Repository: w.to.Repository, Digest: b.descriptor.Digest.String()}
	if !w.contains(func(o Write) bool { return o.stage != blobs && o.To.Tag == name }) {
		to.Tag = name
	}
	if to.Tag == "" && w.contains(func(o Write) bool { return o.To.Digest == to.Digest }) {
		return
	}
	w.all = append(w.all, Write{To: to, Descriptor: b.descriptor, Content: b.content, stage: s})
}

func (w *writes) contains(is func(Write) bool) bool { return slices.ContainsFunc(w.all, is) }

// rebased adds an image on its new base, without its manifest.
func (w *writes) rebased(c child) {
	held := map[string]bool{}
	for _, layer := range c.app.manifest.Layers {
		held[layer.Digest.String()] = true
	}
	for i, layer := range c.result.layers {
		switch {
		case i >= c.result.base:
			w.mount(layer, c.app.ref)
		case held[layer.Digest.String()]:
			w.mount(layer, c.app.ref, c.new.ref)
		default:
			w.mount(layer, c.new.ref)
		}
	}
	w.upload(c.result.config)
}

// copied adds a manifest of the source's repository with all that it refers to, unless it is there.
func (w *writes) copied(from image.Reference, manifest document) {
	if from.Repository == w.to.Repository {
		return
	}
	for _, blob := range append(slices.Clone(manifest.Layers), *manifest.Config) {
		w.mount(blob, from)
	}
	w.put(manifests, "", blob{content: manifest.raw, descriptor: ocispec.Descriptor{
		MediaType: manifest.MediaType, Digest: digest.FromBytes(manifest.raw), Size: int64(len(manifest.raw)),
	}})
}

// inOrder are the writes by their stages.
func (w *writes) inOrder() []Write {
	slices.SortStableFunc(w.all, func(a, b Write) int { return int(a.stage) - int(b.stage) })
	return w.all
}
