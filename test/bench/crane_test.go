package bench

import (
	"errors"
	"testing"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/cluster"
)

// craneProgram is the variable that names crane's program, which "make bench" builds.
const craneProgram = "CRANE"

// craneProcess is what crane's program does. It finds the base by the annotations, as Respin does.
func craneProcess(t testing.TB) run {
	t.Helper()
	program := cluster.SkipWithout(t, craneProgram)
	return func(app, output image.Reference) {
		if said, err := process(t, program, "rebase", app.WithDigest("").String(), "-t", output.String()); err != nil {
			t.Fatalf("crane: %v: %s", err, said)
		}
	}
}

// craneRebase is what the program does, by crane's library in this process: the same calls in the same order, and so the
// same requests, which a test looks at.
func craneRebase(t testing.TB) run {
	return func(app, output image.Reference) {
		original := app.WithDigest("").String()
		_, err := crane.Head(original)
		must(t, err)
		pulled, err := crane.Pull(original)
		must(t, err)
		manifest, err := pulled.Manifest()
		must(t, err)
		rebased, err := craneRebased(pulled, manifest.Annotations[image.AnnotationBaseName], manifest.Annotations[image.AnnotationBaseDigest])
		must(t, err)
		must(t, crane.Push(rebased, output.String()))
	}
}

// craneRebased puts an image on what its base's name leads to now.
func craneRebased(app v1.Image, base, oldDigest string) (v1.Image, error) {
	named, err := name.ParseReference(base)
	if err != nil {
		return nil, err
	}
	now, nowErr := crane.Pull(base)
	old, oldErr := crane.Pull(named.Context().Digest(oldDigest).String())
	head, headErr := crane.Head(base)
	if err := errors.Join(nowErr, oldErr, headErr); err != nil {
		return nil, err
	}
	rebased, err := mutate.Rebase(app, old, now)
	if err != nil {
		return nil, err
	}
	annotated, _ := mutate.Annotations(rebased, map[string]string{
		image.AnnotationBaseName: base, image.AnnotationBaseDigest: head.Digest.String(),
	}).(v1.Image)
	return annotated, nil
}
