package image

// Original is the image that an image was made from by Respin, itself never patched, in its repository: the one that
// the annotations name, else the image itself. An older patched image names a digest only, which is then looked for in
// its own repository.
func Original(ref Reference, app Image) Reference {
	annotations := []map[string]string{app.Annotations}
	for _, child := range app.Children {
		annotations = append(annotations, child.Annotations)
	}
	for _, set := range annotations {
		if digest := set[AnnotationSourceDigest]; ValidDigest(digest) {
			return Reference{Repository: sourceRepository(ref, set[AnnotationSourceName]), Digest: digest}
		}
	}
	return Reference{Repository: ref.Repository, Digest: app.Digest}
}

// sourceRepository is the repository that an annotation names, if it is one as we write them.
func sourceRepository(ref Reference, name string) string {
	named, err := ParseReference(name)
	if err != nil || named.Repository != name {
		return ref.Repository
	}
	return name
}
