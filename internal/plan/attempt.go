package plan

import (
	"fmt"
	"slices"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// attempt decides, for an image that is behind and can be patched, between beginning, waiting and leaving alone.
func attempt(decision Decision, wanted *respinv1alpha1.PatchRun, runs []respinv1alpha1.PatchRun) Decision {
	same, others := split(Pair(wanted.Spec), wanted, runs)
	for _, other := range others {
		if Begun(other) {
			return decision.patching(other)
		}
		decision.Superseded = append(decision.Superseded, other.Name)
	}
	if run := underWay(same); run != nil {
		return decision.patching(run)
	}
	for _, run := range same {
		decision.Keep = append(decision.Keep, run.Name)
	}
	if run := failed(same); run != nil {
		return decision.stopped(run, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonRunFailed, fmt.Sprintf(
			"%s; not tried again by itself, only on a new base, a new image or a changed build, or by setting the annotation %s on patchrun/%s",
			Outcome(run), respinv1alpha1.AnnotationRetry, run.Name))
	}
	return decision.begin(wanted, same)
}

// begin creates the wanted run for the workloads that no run of the pair brought the patched image to before. Where
// all had it and yet run the old image again, someone put it back: that is left alone.
func (d Decision) begin(wanted *respinv1alpha1.PatchRun, same []*respinv1alpha1.PatchRun) Decision {
	wanted.Spec.Workloads = slices.DeleteFunc(wanted.Spec.Workloads, func(target respinv1alpha1.WorkloadTarget) bool {
		return slices.ContainsFunc(same, func(run *respinv1alpha1.PatchRun) bool { return patched(run, target) })
	})
	wanted.Spec.Workloads = First(wanted.Spec.Workloads, maxWorkloads) // the others get a run when this one has ended
	wanted.Name = runName(wanted.Spec.Policy.Name, Pair(wanted.Spec), wanted.Spec.Workloads)
	again := slices.IndexFunc(same, func(run *respinv1alpha1.PatchRun) bool { return run.Name == wanted.Name })
	if len(wanted.Spec.Workloads) == 0 || again >= 0 {
		run := same[max(again, 0)]
		return d.stopped(run, respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted, fmt.Sprintf(
			"patchrun/%s brought the patched image, and the previous one was put back since; left alone until the image or its base moves, "+
				"or the annotation %s is set on the run", run.Name, respinv1alpha1.AnnotationRetry))
	}
	d.Create = wanted
	d.Status.Run = wanted.Name
	return d.state(respinv1alpha1.ImagePatching, Problem{respinv1alpha1.ReasonPatching, "the run is being created"})
}

func (d Decision) stopped(run *respinv1alpha1.PatchRun, state respinv1alpha1.ImageState, reason, message string) Decision {
	d.Status.Run = run.Name
	return d.state(state, Problem{reason, message})
}

// split parts the runs into those of the same attempt and those under way for the same workloads with another aim.
func split(pairHash string, wanted *respinv1alpha1.PatchRun, runs []respinv1alpha1.PatchRun) (same, others []*respinv1alpha1.PatchRun) {
	for i := range runs {
		switch run := &runs[i]; {
		case Pair(run.Spec) == pairHash:
			same = append(same, run)
		case !Finished(run) && share(run.Spec.Workloads, wanted.Spec.Workloads):
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

// patched tells whether a run brought the patched image to a workload. One that it skipped was not patched by it.
func patched(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) bool {
	known := slices.ContainsFunc(run.Spec.Workloads, func(t respinv1alpha1.WorkloadTarget) bool { return t.UID == target.UID })
	return known && slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
		return w.Kind == target.Kind && w.Name == target.Name && w.State == respinv1alpha1.WorkloadHealthy
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

// failed is a run that failed. One that found nothing to update says nothing of the patched image.
func failed(runs []*respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	for _, run := range runs {
		if !Succeeded(run) && endReason(run) != respinv1alpha1.ReasonNothingToUpdate {
			return run
		}
	}
	return nil
}
