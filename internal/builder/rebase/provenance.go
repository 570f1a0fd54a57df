package rebase

import (
	"encoding/base64"
	"strings"

	"github.com/respin-dev/respin/internal/image"
)

const (
	// builderID is who made the image, in provenance.
	builderID = "https://respin.dev"

	typeStatement = "https://in-toto.io/Statement/v1"
	typeInToto    = "application/vnd.in-toto+json"
)

// origin is what one platform's rebased image was made of.
type origin struct {
	platform image.Platform
	// source is the image that was rebased, by its index's digest; child is its image for the platform.
	source, child image.Reference
	// old and new are the base by its tag and digest: the one the source was built on, and the one it stands on now.
	old, new image.Reference
	// output is the repository that is pushed to. Its tag is none of provenance's business: the same image under another
	// tag is the same image.
	output image.Reference
	// version is Respin's.
	version string
}

// statement is the in-toto statement with SLSA provenance v1 on a rebased image. Nothing in it depends on when it is
// written.
func (o origin) statement(subject string) map[string]any {
	return map[string]any{
		"_type":         typeStatement,
		"predicateType": image.PredicateSLSA1,
		"subject": []any{map[string]any{
			"name": purl(image.Reference{Repository: o.output.Repository}, o.platform), "digest": digestMap(subject),
		}},
		"predicate": map[string]any{
			"buildDefinition": map[string]any{
				"buildType": image.BuildTypeRebase,
				"externalParameters": map[string]any{
					"source": o.source.String(), "base": o.new.WithDigest("").String(), "output": o.output.Repository,
				},
				"resolvedDependencies": o.dependencies(),
			},
			"runDetails": map[string]any{
				"builder": map[string]any{"id": builderID, "version": map[string]any{"respin": o.version}},
			},
		},
	}
}

// dependencies are the images that the result was made of. The new base is first, by its tag, as a build's base is:
// whoever looks for the image's base among them finds that one.
func (o origin) dependencies() []any {
	dependency := func(name string, named image.Reference, digest string) any {
		return map[string]any{"name": name, "uri": purl(named, o.platform), "digest": digestMap(digest)}
	}
	all := []any{
		dependency(image.DependencyBase, o.new.WithDigest(""), o.new.Digest),
		dependency("old-base", o.old, o.old.Digest),
		dependency("source", o.source, o.source.Digest),
	}
	if o.child.Digest != o.source.Digest {
		all = append(all, dependency("source-platform", o.child, o.child.Digest))
	}
	return all
}

// envelope writes the statement so that it is a DSSE envelope as well, without a signature: BuildKit's readers look for
// a statement, cosign's for an envelope, and both specifications have readers ignore fields that they do not know. So
// one blob serves both.
func (o origin) envelope(subject string) (blob, error) {
	statement := o.statement(subject)
	payload, err := encode(statement)
	if err != nil {
		return blob{}, err
	}
	statement["payloadType"] = typeInToto
	statement["payload"] = base64.StdEncoding.EncodeToString(payload)
	statement["signatures"] = []any{}
	return newBlob(typeInToto, statement)
}

// digestMap is a digest as in-toto has it, by its algorithm.
func digestMap(digest string) map[string]string {
	algorithm, hex, _ := strings.Cut(digest, ":")
	return map[string]string{algorithm: hex}
}
