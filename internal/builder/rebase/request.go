package rebase

import (
	"fmt"
	"slices"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
)

// job is a request, parsed.
type job struct {
	// source is by digest, base by tag and the new digest, output by tag.
	source, base, output image.Reference
	// from holds the digests of the base that the source may have been built on; fromPlatforms, those of platforms that
	// were built on another one.
	from          []string
	fromPlatforms map[string]string
	// platforms that are wanted; all of the source's where it is empty.
	platforms   []image.Platform
	annotations map[string]string
	version     string
}

func newJob(req builder.Request, version string) (job, error) {
	j := job{from: req.Base.From, fromPlatforms: map[string]string{}, annotations: req.Annotations, version: version}
	for _, part := range []func(*job, builder.Request) error{(*job).setImages, (*job).setFrom, (*job).setPlatforms} {
		if err := part(&j, req); err != nil {
			return job{}, err
		}
	}
	return j, nil
}

func (j *job) setImages(req builder.Request) error {
	if !image.ValidDigest(req.Source.Digest) {
		return wrong("Source", "name the image by its digest, as in registry.example.com/team/app@sha256:…")
	}
	if !image.ValidDigest(req.Base.To) {
		return wrong("Base.To", "it must be a digest, sha256:…")
	}
	base, err := image.ParseReference(req.Base.Reference)
	if err != nil || base.Digest != "" {
		return wrong("Base.Reference", "write repository:tag, without a digest")
	}
	output, err := image.ParseReference(req.Output)
	if err != nil || output.Digest != "" {
		return wrong("Output", "write repository:tag, without a digest")
	}
	j.source = image.Reference{Repository: req.Source.Repository, Digest: req.Source.Digest}
	j.base, j.output = base.WithDigest(req.Base.To), output
	return nil
}

func (j *job) setFrom(req builder.Request) error {
	if len(req.Base.From) == 0 && len(req.Base.FromPlatforms) == 0 {
		return wrong("Base.From", "name the digest of the base that the image was built on; without it nothing tells what of "+
			"the image is base")
	}
	for name, digest := range req.Base.FromPlatforms {
		platform, err := image.ParsePlatform(name)
		if err != nil {
			return wrong("Base.FromPlatforms", err.Error())
		}
		j.fromPlatforms[platform.String()] = digest
	}
	for _, digest := range slices.Concat(req.Base.From, digests(j.fromPlatforms)) {
		if !image.ValidDigest(digest) {
			return wrong("Base.From", fmt.Sprintf("%.128q is not a digest, sha256:…", digest))
		}
	}
	return nil
}

func (j *job) setPlatforms(req builder.Request) error {
	for _, name := range req.Platforms {
		platform, err := image.ParsePlatform(name)
		if err != nil {
			return wrong("Platforms", err.Error())
		}
		j.platforms = append(j.platforms, platform)
	}
	return nil
}

func digests(of map[string]string) []string {
	var all []string
	for _, digest := range of {
		all = append(all, digest)
	}
	return all
}

// wants tells whether an image for a platform is wanted.
func (j job) wants(platform image.Platform) bool {
	return len(j.platforms) == 0 || slices.ContainsFunc(j.platforms, platform.Matches)
}

// oldBases are the digests of the base that a platform's image may have been built on, in the order to try them.
func (j job) oldBases(platform image.Platform) []string {
	if digest, ok := j.fromPlatforms[platform.Normalized().String()]; ok {
		return []string{digest}
	}
	return j.from
}

func wrong(field, reason string) error { return &builder.RequestError{Field: field, Reason: reason} }
