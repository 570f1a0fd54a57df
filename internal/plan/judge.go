package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// Facts are what was gathered about one app image.
type Facts struct {
	App AppImage
	// Image is what its digest stands for.
	Image image.Image
	// Lineage is the base it was built on.
	Lineage image.Lineage
	// Base is that base as it is now, and Recorded are older digests of it as far as they could be fetched.
	Base     image.Image
	Recorded []image.Image
	// BaseSince is when the base was first seen where it is, and Now is the time of the look.
	BaseSince, Now time.Time
	// Proof tells whether the image may be rebased; nil while that was not looked at, which takes reading its layers.
	Proof *Proof
	// Problem is what kept the rest from being gathered.
	Problem *Problem
}

// Decision is what is to be done about one app image, and what to tell about it.
type Decision struct {
	Status respinv1alpha1.ImageStatus
	// Create is a run to create, if any.
	Create *respinv1alpha1.PatchRun
	// NeedsProof says that Create is only to be created as judged with a proof among the facts.
	NeedsProof bool
	// Until is when the decision may be another by the clock alone; zero if it is not.
	Until time.Time
	// Superseded are runs under way that pursue what is no longer wanted and have not changed a workload.
	Superseded []string
	// Keep are finished runs that keep the image from being tried again: they are not pruned.
	Keep []string
}

// Judge decides about one app image. The checks go from what is certain to what has to be done.
func Judge(policy *respinv1alpha1.PatchPolicy, rule *Rule, facts Facts, runs []respinv1alpha1.PatchRun) Decision {
	decision := Decision{Status: describe(policy, facts)}
	if run := watched(runs, facts.App.Ref.Digest); run != nil {
		return decision.patching(run)
	}
	if facts.Problem != nil {
		return decision.unknown(*facts.Problem, facts.App, runs)
	}
	verdict, err := image.Behind(facts.Lineage, facts.Image, facts.Base, facts.App.Platforms, facts.Recorded...)
	if err != nil {
		return decision.unknown(lineageProblem(err), facts.App, runs)
	}
	if !verdict.Behind {
		return decision.state(respinv1alpha1.ImageCurrent, Problem{respinv1alpha1.ReasonUpToDate, verdict.Reason()})
	}
	if problem := cannotPatch(policy, rule, facts); problem != nil {
		return decision.state(respinv1alpha1.ImageBehind, *problem)
	}
	decision.Keep = replacers(facts.App, runs)
	decision = attempt(decision, facts.App, newRun(policy, rule, facts, verdict), runs, tooYoung(policy, facts))
	decision.NeedsProof = decision.Create != nil && facts.Proof == nil && asked(rule) != respinv1alpha1.MethodRebuild
	return decision
}

// describe is the part of the status that tells of facts.
func describe(policy *respinv1alpha1.PatchPolicy, facts Facts) respinv1alpha1.ImageStatus {
	status := respinv1alpha1.ImageStatus{
		Repository: facts.App.Ref.Repository,
		Digest:     facts.App.Ref.Digest,
		Tag:        facts.App.Ref.Tag,
		BaseDigest: facts.Lineage.Digest,
		Lineage:    string(facts.Lineage.Evidence),
		Certainty:  string(facts.Lineage.Certainty),
	}
	if facts.Lineage.Base.Repository != "" {
		status.Base = facts.Lineage.Base.Familiar()
	}
	for _, target := range First(facts.App.Targets, maxWorkloads) {
		status.Workloads = append(status.Workloads, targetName(target))
	}
	if policy.Spec.Rollout.Type == respinv1alpha1.OnRestart { // elsewhere it changes with every pod that comes or goes
		status.Pods, status.PatchedPods = facts.App.count()
	}
	return status
}

func (d Decision) state(state respinv1alpha1.ImageState, why Problem) Decision {
	d.Status.State, d.Status.Reason, d.Status.Message = state, why.Reason, Clip(why.Message, maxMessage)
	return d
}

// unknown keeps every run of an image that cannot be judged now: which of them keep it from being tried again will be
// known when it can.
func (d Decision) unknown(why Problem, app AppImage, runs []respinv1alpha1.PatchRun) Decision {
	for i := range runs {
		source := runs[i].Spec.Source
		if source.Repository == app.Ref.Repository && (source.Digest == app.Ref.Digest || app.Ref.Digest == "") {
			d.Keep = append(d.Keep, runs[i].Name)
		}
	}
	return d.state(respinv1alpha1.ImageUnknown, why)
}

// keep has a finished run stay, whatever the history limit.
func (d *Decision) keep(run *respinv1alpha1.PatchRun) {
	if !slices.Contains(d.Keep, run.Name) {
		d.Keep = append(d.Keep, run.Name)
	}
}

// of names the run that a decision is about, with what it made.
func (d Decision) of(run *respinv1alpha1.PatchRun) Decision {
	d.Status.Run = run.Name
	if run.Status.Output != nil && meta.IsStatusConditionTrue(run.Status.Conditions, respinv1alpha1.ConditionVerified) {
		d.Status.Patched = run.Status.Output.Image
	}
	return d
}

func (d Decision) patching(run *respinv1alpha1.PatchRun) Decision {
	reason := respinv1alpha1.ReasonPatching
	if c := Latest(run); c != nil && waitsOnPurpose[c.Reason] {
		reason = c.Reason
	}
	return d.of(run).state(respinv1alpha1.ImagePatching, Problem{reason, progress(run)})
}

// waitsOnPurpose are the reasons of a run that waits for what its policy, a person or the cluster is to allow: they are
// told of an image in place of the general one.
var waitsOnPurpose = map[string]bool{
	respinv1alpha1.ReasonAwaitingApproval:  true,
	respinv1alpha1.ReasonOtherDigest:       true,
	respinv1alpha1.ReasonApproverUnknown:   true,
	respinv1alpha1.ReasonWaitingForWindow:  true,
	respinv1alpha1.ReasonWaitingForWave:    true,
	respinv1alpha1.ReasonWaveFailed:        true,
	respinv1alpha1.ReasonWaitingForTurn:    true,
	respinv1alpha1.ReasonUnhealthyBefore:   true,
	respinv1alpha1.ReasonPaused:            true,
	respinv1alpha1.ReasonDisruptionBudget:  true,
	respinv1alpha1.ReasonPatchingOnRestart: true,
}

// watched is the run under way whose patched image this is: it runs already, and is still being judged.
func watched(runs []respinv1alpha1.PatchRun, digest string) *respinv1alpha1.PatchRun {
	for i := range runs {
		if output := runs[i].Status.Output; !Finished(&runs[i]) && output != nil && output.Digest == digest {
			return &runs[i]
		}
	}
	return nil
}

// cannotPatch says what is missing for an image that is behind to be patched. Waves that cannot be understood are missing,
// too: which of them a workload is in is pinned in its run.
func cannotPatch(policy *respinv1alpha1.PatchPolicy, rule *Rule, facts Facts) *Problem {
	if rule.Spec.Build == nil && asked(rule) == respinv1alpha1.MethodRebuild {
		return &Problem{respinv1alpha1.ReasonNoBuild, fmt.Sprintf(
			"%s is behind %s and no build is declared for it; declare one in spec.images[].build of the rule that matches it",
			facts.App.Ref.Repository, facts.Lineage.Base.Familiar())}
	}
	if outputRepository(rule, facts.App) == facts.Lineage.Base.Repository {
		return outputIsBase("image "+facts.App.Ref.Repository, facts.Lineage.Base)
	}
	if count := len(facts.Image.Children); count > maxPlatforms {
		return &Problem{respinv1alpha1.ReasonTooManyPlatforms, fmt.Sprintf(
			"%s is made for %d platforms, and Respin builds for no more than %d; deploy an image with fewer",
			facts.App.Ref.Repository, count, maxPlatforms)}
	}
	_, problem := ParseWaves(policy.Spec.Rollout.Waves)
	return problem
}

// LineageProblem puts an error of the image package into a problem with the reason that belongs to it.
func LineageProblem(err error) *Problem {
	problem := lineageProblem(err)
	return &problem
}

func lineageProblem(err error) Problem {
	reason := respinv1alpha1.ReasonNoLineage
	switch {
	case errors.Is(err, image.ErrAmbiguousLineage):
		reason = respinv1alpha1.ReasonAmbiguousLineage
	case errors.Is(err, image.ErrContradictingLineage):
		reason = respinv1alpha1.ReasonContradictingLineage
	case errors.Is(err, image.ErrPlatformLost):
		reason = respinv1alpha1.ReasonPlatformLost
	case errors.Is(err, image.ErrPlatformMissing):
		reason = respinv1alpha1.ReasonPlatformMissing
	}
	return Problem{reason, err.Error()}
}
