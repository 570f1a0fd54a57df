package patchrun

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

// verify reads the patched image back: nothing points at it before it is known to be whole, to be for every platform
// of the source, and to stand on the new base.
func (r *Reconciler) verify(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	ref, err := image.ParseReference(run.Status.Output.Image)
	if err != nil {
		return r.fail(run, respinv1alpha1.ConditionVerified, respinv1alpha1.ReasonVerifyFailed, err.Error()), nil
	}
	at, err := r.access(ctx, run)
	if err != nil {
		return r.accessTrouble(run, respinv1alpha1.ConditionVerified, err)
	}
	pushed, err := at.Registry.Inspect(ctx, ref, nil)
	if err != nil {
		return r.registryTrouble(run, respinv1alpha1.ConditionVerified, err), nil
	}
	base, err := r.base(ctx, run, at)
	if err != nil {
		return r.registryTrouble(run, respinv1alpha1.ConditionVerified, err), nil
	}
	if wrong := flaw(run, pushed, base); wrong != "" {
		return r.fail(run, respinv1alpha1.ConditionVerified, respinv1alpha1.ReasonVerifyFailed,
			fmt.Sprintf("%s was pushed and %s; no workload was changed", run.Status.Output.Image, wrong)), nil
	}
	r.set(run, respinv1alpha1.ConditionVerified, metav1.ConditionTrue, respinv1alpha1.ReasonVerified,
		fmt.Sprintf("read back whole; its layers begin with those of %s at %s", run.Spec.Base.Image, run.Spec.Base.To))
	return outcome{}, nil
}

// flaw says what is wrong with a patched image, empty if nothing is.
func flaw(run *respinv1alpha1.PatchRun, pushed, base image.Image) string {
	if !annotated(pushed, annotations(run)) {
		return "does not carry the annotations that tell of its origin"
	}
	for _, platform := range platforms(run) {
		child, ok := pushed.Child(platform)
		if !ok {
			return fmt.Sprintf("is not for %s, which the source image is for", platform)
		}
		below, ok := base.Child(platform)
		if !ok || !image.BeginsWith(child.DiffIDs, below.DiffIDs) {
			return fmt.Sprintf("does not stand on %s at %s for %s", run.Spec.Base.Image, run.Spec.Base.To, platform)
		}
	}
	return ""
}

// base is the new base, at the digest to which the run is pinned.
func (r *Reconciler) base(ctx context.Context, run *respinv1alpha1.PatchRun, at Access) (image.Image, error) {
	ref, err := image.ParseReference(run.Spec.Base.Image)
	if err != nil {
		return image.Image{}, err
	}
	return at.Registry.Inspect(ctx, ref.WithDigest(run.Spec.Base.To), platforms(run))
}

// platforms are the source's. One that cannot be parsed was never written by us and is left out.
func platforms(run *respinv1alpha1.PatchRun) []image.Platform {
	var parsed []image.Platform
	for _, name := range run.Spec.Source.Platforms {
		if platform, err := image.ParsePlatform(name); err == nil {
			parsed = append(parsed, platform)
		}
	}
	return parsed
}

// epoch is the time that the patched image is given: that of the newest of the base's images, so that it does not
// depend on when it is built.
func epoch(base image.Image) time.Time {
	if len(base.Children) == 0 {
		return time.Unix(0, 0)
	}
	newest := slices.MaxFunc(base.Children, func(a, b image.Child) int { return a.Created.Compare(b.Created) })
	if newest.Created.Before(time.Unix(0, 0)) {
		return time.Unix(0, 0)
	}
	return newest.Created
}

// registryTrouble waits for what may pass, and ends the run for what does not.
func (r *Reconciler) registryTrouble(run *respinv1alpha1.PatchRun, condition string, err error) outcome {
	reason := string(registry.KindOf(err))
	switch {
	case temporaryRegistry(err):
		return r.waiting(run, condition, reason, err.Error())
	case reason == "":
		reason = respinv1alpha1.ReasonVerifyFailed
	}
	return r.fail(run, condition, reason, err.Error())
}

func temporaryRegistry(err error) bool {
	return registry.KindOf(err) == registry.Unreachable
}
