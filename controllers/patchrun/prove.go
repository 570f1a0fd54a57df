package patchrun

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/survey"
)

// prove makes sure, before anything is pushed, that a rebase is safe, and records what every check came to. The policy's
// controller has looked before it took the method; what counts is what the run itself finds.
func (r *Reconciler) prove(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	at, err := r.access(ctx, run)
	if err != nil {
		return r.accessTrouble(run, respinv1alpha1.ConditionPlanned, err)
	}
	of, err := rebase(run)
	if err != nil {
		return r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonRebaseRefused, err.Error()), nil
	}
	if len(of.From) == 0 { // it was not known when the run was created, and a run does not look for it again
		return r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonRebaseRefused, fmt.Sprintf(
			"%s is not rebased onto %s: %s", of.Source.Familiar(), of.Base.Familiar(), run.Spec.MethodReason)), nil
	}
	results, err := survey.Prove(ctx, at.Registry, of)
	if err != nil {
		return r.registryTrouble(run, respinv1alpha1.ConditionPlanned, err), nil
	}
	run.Status.Checks = plan.Checks(results)
	if !safety.Allowed(results) {
		return r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonRebaseRefused, fmt.Sprintf(
			"%s is not rebased onto %s: %s", of.Source.Familiar(), of.Base.Familiar(), plan.Refusals(results))), nil
	}
	r.set(run, respinv1alpha1.ConditionPlanned, metav1.ConditionTrue, respinv1alpha1.ReasonProven,
		fmt.Sprintf("%s at %s; the rebase is safe, and every input is pinned", run.Spec.Base.Image, run.Spec.Base.To))
	return outcome{}, nil
}

// rebase is the rebase that a run pins.
func rebase(run *respinv1alpha1.PatchRun) (survey.Rebase, error) {
	base, err := image.ParseReference(run.Spec.Base.Image)
	if err != nil {
		return survey.Rebase{}, err
	}
	running := image.Reference{Repository: run.Spec.Source.Repository, Digest: run.Spec.Source.Digest}
	of := survey.Rebase{Source: original(run), Running: running, Base: base, From: oldBases(run), To: run.Spec.Base.To}
	for _, check := range run.Spec.Allow {
		of.Allow = append(of.Allow, safety.Check(check))
	}
	return of, nil
}

// original is the image that was never patched.
func original(run *respinv1alpha1.PatchRun) image.Reference {
	source := image.Reference{Repository: run.Spec.Source.OriginalRepository, Digest: run.Spec.Source.OriginalDigest}
	if source.Repository == "" {
		source.Repository = run.Spec.Source.Repository
	}
	return source
}

// oldBases are the digests of the base that the original was built on, by platform.
func oldBases(run *respinv1alpha1.PatchRun) map[string]string {
	digests := map[string]string{}
	if run.Spec.Rebase != nil {
		for _, from := range run.Spec.Rebase.From {
			digests[from.Platform] = from.Digest
		}
	}
	return digests
}
