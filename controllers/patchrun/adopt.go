package patchrun

import (
	"context"
	"maps"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

// adopt looks whether the image that a job is to build is in the registry already: pushed by an earlier start of the
// same run, whose process ended before it could write that down. The tag is the run's own, and the annotations have to
// be those that the job would give, so that nothing else is taken for it.
func adopt(ctx context.Context, client Registry, req builder.Request) (digest string, found bool, err error) {
	ref, err := image.ParseReference(req.Output)
	if err != nil {
		return "", false, err
	}
	digest, found, err = client.Find(ctx, ref)
	if registry.KindOf(err) == registry.Denied {
		return "", false, nil // as some registries answer for a repository that the push is to create
	}
	if err != nil || !found {
		return "", false, err
	}
	pushed, err := client.Inspect(ctx, ref.WithDigest(digest), nil)
	if err != nil {
		return "", false, err
	}
	return digest, annotated(pushed, req.Annotations), nil
}

// annotated tells whether an image, or each of its children, has all of the annotations.
func annotated(pushed image.Image, wanted map[string]string) bool {
	if holds(pushed.Annotations, wanted) {
		return true
	}
	for _, child := range pushed.Children {
		if !holds(child.Annotations, wanted) {
			return false
		}
	}
	return len(pushed.Children) > 0
}

func holds(all, wanted map[string]string) bool {
	found := maps.Clone(all)
	maps.DeleteFunc(found, func(key, value string) bool { return wanted[key] != value || value == "" })
	return len(found) == len(wanted)
}
