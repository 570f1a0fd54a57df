package plan

import (
	"fmt"
	"slices"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// attempt decides, for an image that is behind and can be patched, between beginning, waiting and leaving alone. Young is
// why its base may not be used yet, if so: what aims at an earlier digest goes on meanwhile.
func attempt(decision Decision, app AppImage, wanted *respinv1alpha1.PatchRun, runs []respinv1alpha1.PatchRun, young *Wait) Decision {
	same, others := split(Pair(wanted.Spec), wanted, runs)
	for _, run := range same {
		if Finished(run) {
			decision.keep(run)
		}
	}
	for _, other := range others {
		if touching(other) {
			return decision.patching(other)
		}
		if young != nil {
			decision.Until = young.Until // then it gives way, unless it has come further
			return decision.patching(other)
		}
		decision.Superseded = append(decision.Superseded, other.Name)
	}
	if run := underWay(same); run != nil {
		return decision.patching(run)
	}
	if run := failed(same); run != nil {
		return decision.stopped(run, respinv1alpha1.ImageFailed, failReason(run), fmt.Sprintf(
			"%s; not tried again by itself, only on a new base, a new image or a changed build, or by setting the annotation %s on patchrun/%s",
			Outcome(run), respinv1alpha1.AnnotationRetry, run.Name))
	}
	if run := published(wanted, same); run != nil {
		return decision.stopped(run, respinv1alpha1.ImageBehind, respinv1alpha1.ReasonPublished, fmt.Sprintf(
			"the patched image is %s; with spec.rollout.type None it is for other tools to roll it out", run.Status.Output.Image))
	}
	return decision.begin(app, wanted, same, runs, young)
}

// begin creates the wanted run for the workloads that are not to be left alone.
func (d Decision) begin(app AppImage, wanted *respinv1alpha1.PatchRun, same []*respinv1alpha1.PatchRun,
	runs []respinv1alpha1.PatchRun, young *Wait) Decision {
	var holds []*hold
	wanted.Spec.Workloads = slices.DeleteFunc(wanted.Spec.Workloads, func(target respinv1alpha1.WorkloadTarget) bool {
		hold := held(wanted, target, runs)
		if hold != nil {
			holds = append(holds, hold)
			d.keep(hold.run)
		}
		return hold != nil
	})
	wanted.Spec.Workloads = First(wanted.Spec.Workloads, maxWorkloads) // the others get a run when this one has ended
	wanted.Name = runName(wanted)
	again := slices.IndexFunc(same, func(run *respinv1alpha1.PatchRun) bool { return run.Name == wanted.Name })
	switch {
	case again >= 0:
		return d.stopped(same[again], respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted, fmt.Sprintf(
			"%s; left alone until the image or its base moves, or the annotation %s is set on patchrun/%s",
			Outcome(same[again]), respinv1alpha1.AnnotationRetry, same[again].Name))
	case len(wanted.Spec.Workloads) == 0 && rolloutType(wanted) == respinv1alpha1.OnRestart:
		return d.restarting(app, holds[0].run)
	case len(wanted.Spec.Workloads) == 0:
		return d.stopped(holds[0].run, respinv1alpha1.ImageHeld, holds[0].reason, holds[0].message)
	case young != nil:
		d.Until = young.Until
		return d.state(respinv1alpha1.ImageBehind, Problem{young.Reason, young.Message})
	}
	d.Create = wanted
	d.Status.Run = wanted.Name
	return d.state(respinv1alpha1.ImagePatching, Problem{respinv1alpha1.ReasonPatching, "the run is being created"})
}

// restarting tells of an image that is patched on restart by a run that has ended: what the template names is behind
// for as long as it is there, and what counts is what the pods run.
func (d Decision) restarting(app AppImage, run *respinv1alpha1.PatchRun) Decision {
	pods, patched := app.count()
	if patched < pods {
		return d.stopped(run, respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatchingOnRestart, fmt.Sprintf(
			"%d of %d pods run %s; the others get it as they restart", patched, pods, run.Status.Output.Image))
	}
	return d.stopped(run, respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonPatchedOnRestart, fmt.Sprintf(
		"all pods (%d) run %s in place of what the template names", pods, run.Status.Output.Image))
}

func (d Decision) stopped(run *respinv1alpha1.PatchRun, state respinv1alpha1.ImageState, reason, message string) Decision {
	return d.of(run).state(state, Problem{reason, message})
}

// split parts the runs into those of the same attempt and those under way for the same workloads with another aim, be it
// only that they bring the image in another way. One that patches on restart goes on until a newer one has begun to: it
// then ends by itself.
func split(pairHash string, wanted *respinv1alpha1.PatchRun, runs []respinv1alpha1.PatchRun) (same, others []*respinv1alpha1.PatchRun) {
	for i := range runs {
		switch run := &runs[i]; {
		case Pair(run.Spec) == pairHash && (Finished(run) || sameWay(run, wanted)):
			same = append(same, run)
		case !Finished(run) && !Opened(run) && share(run.Spec.Workloads, wanted.Spec.Workloads):
			others = append(others, run)
		}
	}
	return same, others
}

// share tells whether two sets of targets have a container in common.
func share(a, b []respinv1alpha1.WorkloadTarget) bool {
	return slices.ContainsFunc(a, func(one respinv1alpha1.WorkloadTarget) bool {
		return slices.ContainsFunc(b, func(other respinv1alpha1.WorkloadTarget) bool {
			return one.UID == other.UID && slices.ContainsFunc(one.Containers, func(c respinv1alpha1.ContainerTarget) bool {
				return slices.ContainsFunc(other.Containers, func(o respinv1alpha1.ContainerTarget) bool {
					return c.Name == o.Name && c.Init == o.Init
				})
			})
		})
	})
}

func underWay(runs []*respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	for _, run := range runs {
		if !Finished(run) {
			return run
		}
	}
	return nil
}

// failed is a run that failed. One that found nothing to update, or whose image someone put back, says nothing of the
// patched image.
func failed(runs []*respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	for _, run := range runs {
		switch reason := endReason(run); {
		case Succeeded(run):
		case reason == respinv1alpha1.ReasonNothingToUpdate, reason == respinv1alpha1.ReasonReverted, reason == respinv1alpha1.ReasonGitOpsConflict:
		default:
			return run
		}
	}
	return nil
}

// failReason is why an image stays behind after a run: one that was rolled out and taken back is in quarantine.
func failReason(run *respinv1alpha1.PatchRun) string {
	if endReason(run) == respinv1alpha1.ReasonRolledBack {
		return respinv1alpha1.ReasonQuarantined
	}
	return respinv1alpha1.ReasonRunFailed
}

// published is a run that pushed the image and was to do no more, where no more is wanted.
func published(wanted *respinv1alpha1.PatchRun, same []*respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	for _, run := range same {
		if rolloutType(wanted) == respinv1alpha1.NoRollout && sameWay(run, wanted) && Succeeded(run) && run.Status.Output != nil {
			return run
		}
	}
	return nil
}
