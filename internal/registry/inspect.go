package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/respin-dev/respin/internal/image"
)

const (
	// maxChildren bounds the images of one index that are looked into.
	maxChildren = 64
	// maxTogether bounds what their manifests and configs have together, in bytes.
	maxTogether = 32 << 20
)

// Inspect gives what is immutable about the image of a digest: its form, annotations and layers, for the platforms that
// are wanted, or for all where platforms is empty. A platform that the image is not made for is left out and is no
// error. A child's Materials are not read: see Provenance.
//
// An image that was inspected before costs no request. The first time, a single image costs two, and an index one and
// two for each child.
func (c *Client) Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error) {
	if ref.Digest == "" {
		return image.Image{}, fmt.Errorf("inspecting %s: it has no digest", ref)
	}
	top, err := c.document(ctx, ref, ref.Digest)
	if err != nil {
		return image.Image{}, err
	}
	result := image.Image{
		Digest: ref.Digest, MediaType: top.MediaType, Index: top.isIndex(), Annotations: maps.Clone(top.Annotations),
	}
	entries := []descriptor{{Digest: ref.Digest}}
	if result.Index {
		entries = top.images(platforms)
	}
	if len(entries) > maxChildren {
		return image.Image{}, failure(ref, badContent("its index has %d images, and no more than %d are looked into",
			len(entries), maxChildren))
	}
	children, read := make([]image.Child, len(entries)), atomic.Int64{}
	if err := each(len(entries), func(i int) (err error) {
		children[i], err = c.child(ctx, ref, entries[i], &read)
		return err
	}); err != nil {
		return image.Image{}, err
	}
	for _, child := range children {
		if !result.Index || wanted(child.Platform, platforms) {
			result.Children = append(result.Children, child)
		}
	}
	return result, nil
}

// images are the entries of an index that may be images for the platforms. One that does not say its platform may be.
func (d document) images(platforms []image.Platform) []descriptor {
	var entries []descriptor
	for _, entry := range d.Manifests {
		isImage := entry.MediaType == typeOCIManifest || entry.MediaType == typeDockerManifest
		if !isImage || entry.isAttestation() {
			continue
		}
		if entry.Platform == nil || wanted(entry.Platform.value(), platforms) {
			entries = append(entries, entry)
		}
	}
	return entries
}

// isAttestation reports whether an entry tells of another one. BuildKit marks its attestations, and gives them the
// platform unknown/unknown, as other tools do without the mark.
func (d descriptor) isAttestation() bool {
	unknown := d.Platform != nil && (d.Platform.OS == "unknown" || d.Platform.Architecture == "unknown")
	return unknown || d.Annotations[annotationType] != ""
}

func wanted(p image.Platform, platforms []image.Platform) bool {
	return len(platforms) == 0 || slices.ContainsFunc(platforms, p.Matches)
}

// child reads one platform's image, and adds the bytes of that to those of the others. What its entry in the index says
// is completed by what it says itself.
func (c *Client) child(
	ctx context.Context, ref image.Reference, entry descriptor, read *atomic.Int64,
) (image.Child, error) {
	manifest, err := c.document(ctx, ref, entry.Digest)
	if err != nil {
		return image.Child{}, err
	}
	if manifest.isIndex() {
		return image.Child{}, failure(ref, badContent("its index says that %s is an image, and it is an index", entry.Digest))
	}
	if read.Add(int64(len(manifest.raw))+manifest.Config.Size) > maxTogether {
		return image.Child{}, failure(ref, badContent("the manifests and configs of its images have more than %d bytes "+
			"together, and no more are looked into", maxTogether))
	}
	config, err := c.config(ctx, ref, manifest)
	if err != nil {
		return image.Child{}, err
	}
	annotations := map[string]string{}
	maps.Copy(annotations, entry.Annotations)
	maps.Copy(annotations, manifest.Annotations)
	child := image.Child{
		Platform: config.platform.value(), Digest: entry.Digest, Annotations: annotations,
		DiffIDs: slices.Clone(config.RootFS.DiffIDs), Created: config.created(), Config: config.value(),
	}
	for _, layer := range manifest.Layers {
		child.Layers = append(child.Layers, image.Layer{MediaType: layer.MediaType, Digest: layer.Digest, Size: layer.Size})
	}
	if entry.Platform != nil {
		child.Platform = entry.Platform.value()
	}
	return child, nil
}
