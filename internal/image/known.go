package image

import "slices"

// Known is what is known beside an image itself when its base is looked for.
type Known struct {
	// Declared is the policy's own word, spec.images[].base; nil where it says nothing.
	Declared *Reference
	// Fetched are images that a Lineage wanted, read for the platforms that run.
	Fetched []Image
	// Missing are the digests of those that cannot be had.
	Missing []string
	// Bases are those that the namespace's policies name, as they are now and as they were at digests seen earlier, the
	// newest first, read for the platforms that run.
	Bases []Candidate
}

// Candidate is an image that may be the base of others.
type Candidate struct {
	// Reference is the repository and tag that a policy names.
	Reference Reference
	Image     Image
}

// read are all the images whose layers are known.
func (k Known) read() []Image {
	images := slices.Clone(k.Fetched)
	for _, base := range k.Bases {
		images = append(images, base.Image)
	}
	return images
}

// under are the names, each once, by which policies know the image of a digest.
func (k Known) under(digest string) []Material {
	var found []Material
	for _, base := range k.Bases {
		if _, ok := imageAt([]Image{base.Image}, digest); ok {
			found = append(found, base.material())
		}
	}
	return byName(found)
}

func (c Candidate) material() Material {
	return Material{Reference: c.Reference.WithDigest(""), Digest: c.Image.Digest}
}

// byName keeps the first of each tag, whatever the digests are.
func byName(materials []Material) []Material {
	var kept []Material
	for _, m := range materials {
		same := func(o Material) bool { return o.Reference.WithDigest("") == m.Reference.WithDigest("") }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, m)
		}
	}
	return kept
}

// imageAt finds what a digest stands for: one of the images, or one platform's image in the index of one.
func imageAt(images []Image, digest string) (Image, bool) {
	at := slices.IndexFunc(images, func(i Image) bool { return i.Digest == digest })
	if at >= 0 {
		return images[at], true
	}
	for _, i := range images {
		for _, child := range i.Children {
			if child.Digest == digest {
				return Image{Digest: digest, Children: []Child{child}}, true
			}
		}
	}
	return Image{}, false
}

// comparison is how an image's layers compare with a base's.
type comparison int

const (
	// unread: the base was not read.
	unread comparison = iota
	// elsewhere: the base's digest stands for images of other platforms only.
	elsewhere
	// bare: the base has no layers, which proves nothing.
	bare
	// differs: the image's layers do not begin with the base's.
	differs
	// begins: they do.
	begins
)

// compare compares the layers with those of the base at a digest, and tells how many the base has. A base that was not
// read is wanted from now on.
func (f *finder) compare(at Reference) (comparison, int) {
	if at.Digest == "" {
		return unread, 0
	}
	found, ok := imageAt(f.read, at.Digest)
	if !ok {
		if at.Repository != "" && !slices.Contains(f.known.Missing, at.Digest) {
			f.wanted = append(f.wanted, at)
		}
		return unread, 0
	}
	base, ok := found.Child(f.child.Platform)
	switch {
	case !ok:
		return elsewhere, 0
	case len(base.DiffIDs) == 0:
		return bare, 0
	case BeginsWith(f.child.DiffIDs, base.DiffIDs):
		return begins, len(base.DiffIDs)
	}
	return differs, len(base.DiffIDs)
}
