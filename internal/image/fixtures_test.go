package image

import "strings"

var (
	amd64 = linux("amd64", "")
	arm64 = linux("arm64", "")
)

// layer is a digest that is easy to read: layer("d1") begins with d1.
func layer(name string) string {
	return "sha256:" + (name + strings.Repeat("0", 64))[:64]
}

func diffIDs(names string) []string {
	var all []string
	for _, name := range strings.Fields(names) {
		all = append(all, layer(name))
	}
	return all
}

func spelled(s string) Reference {
	ref, err := ParseReference(s)
	if err != nil {
		panic(err)
	}
	return ref
}

func material(name, digest string) Material {
	return Material{Reference: spelled(name), Digest: digest}
}

func builtOn(name, digest string) map[string]string {
	return map[string]string{AnnotationBaseName: name, AnnotationBaseDigest: digest}
}

// single is an image for amd64 with the layers d1, d2 and a1.
func single(annotations map[string]string, materials ...Material) Image {
	return Image{Digest: layer("a"), Children: []Child{{
		Platform: amd64, Digest: layer("a"), Annotations: annotations, DiffIDs: diffIDs("d1 d2 a1"), Materials: materials,
	}}}
}

func index(annotations map[string]string, children ...Child) Image {
	return Image{Digest: layer("aa"), Index: true, Annotations: annotations, Children: children}
}

// layers is an image for amd64 with layers of its own.
func layers(digest, names string) Image {
	return Image{Digest: digest, Children: []Child{{Platform: amd64, Digest: digest, DiffIDs: diffIDs(names)}}}
}

// bases are what a policy of the namespace names, at the digests of the images.
func bases(name string, images ...Image) []Candidate {
	var all []Candidate
	for _, i := range images {
		all = append(all, Candidate{Reference: spelled(name), Image: i})
	}
	return all
}
