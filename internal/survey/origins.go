package survey

import (
	"context"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// ByPlatform are records' digests, as a Rebase has them.
func ByPlatform(records []image.Record) map[string]string {
	digests := map[string]string{}
	for _, record := range records {
		digests[record.Platform.String()] = record.Digest
	}
	return digests
}

// Origins finds on which digests of a base an image was built, for every platform that it is for. What speaks against
// rebasing it comes as results; both are empty where nothing could be found.
func (s Search) Origins(ctx context.Context, original, base image.Reference) ([]image.Record, []safety.Result, error) {
	refuse := func(format string, args ...any) ([]image.Record, []safety.Result, error) {
		return nil, []safety.Result{unknown(image.Platform{}, format, args...)}, nil
	}
	app, err := s.Registry.Inspect(ctx, original, nil)
	if gone(err) {
		return refuse("the image to start from cannot be read: %v", err)
	}
	if err != nil {
		return nil, nil, err
	}
	_, lineage, err := s.Find(ctx, original, app, nil)
	switch {
	case registry.KindOf(err) != "":
		return nil, nil, err
	case err != nil:
		return refuse("%v", err)
	case lineage.Base.Repository != base.Repository:
		return refuse("%s was built on %s and not on %s; declare a build", original.Familiar(), lineage.Base.Familiar(), base.Familiar())
	}
	return lineage.Records, nil, nil
}
