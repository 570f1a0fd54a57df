package plan

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// hold is a workload that is left alone, since someone put an older image back.
type hold struct {
	reason  string
	run     *respinv1alpha1.PatchRun
	message string
}

// held tells whether a workload that runs an older image was given the patched one before, from the same original and
// onto the same base, whichever of its patched forms it ran then: someone put the older one back since, and wins until
// the image or the base moves. A run that came before the image which the workload has now tells of no one. Where the image belongs to a GitOps controller, which would put it back each time, it is
// not tried onto any base.
func held(wanted *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget, runs []respinv1alpha1.PatchRun) *hold {
	var found *hold
	since := maker(wanted.Spec.Source.Digest, target, runs)
	for i := range runs {
		run := &runs[i]
		w := brought(run, wanted, target)
		switch {
		case w == nil, since != nil && ended(*run).Before(ended(*since)): // it has come further since, not back
		case w.ManagedBy != "":
			return &hold{respinv1alpha1.ReasonGitOpsConflict, run, fmt.Sprintf(
				"%s sets the image of %s, and put the previous one back after patchrun/%s; it is left alone. With spec.rollout.type OnRestart there is "+
					"nothing to fight over; to try again set the annotation %s on the run", w.ManagedBy, targetName(target), run.Name, respinv1alpha1.AnnotationRetry)}
		case sameMove(run, wanted):
			found = &hold{respinv1alpha1.ReasonReverted, run, fmt.Sprintf(
				"patchrun/%s brought the patched image, and the previous one was put back since; left alone until the image or its base moves, "+
					"or the annotation %s is set on the run", run.Name, respinv1alpha1.AnnotationRetry)}
		}
	}
	return found
}

// brought is what a run that has ended says of a workload to which it gave a patched form of the image that is wanted in
// another one; nil if it gave none.
func brought(run, wanted *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) *respinv1alpha1.WorkloadStatus {
	if !Finished(run) || !aimsAt(run, target) || !sameWay(run, wanted) || !sameOriginal(run, wanted) || made(run, wanted.Spec.Source.Digest) {
		return nil
	}
	for i := range run.Status.Workloads {
		w := &run.Status.Workloads[i]
		given := w.State == respinv1alpha1.WorkloadHealthy || w.State == respinv1alpha1.WorkloadReverted
		if given && w.Kind == target.Kind && w.Name == target.Name {
			return w
		}
	}
	return nil
}

// sameWay tells whether two runs bring their image to workloads in the same way: what one did by restarts says nothing
// of what became of a template.
func sameWay(a, b *respinv1alpha1.PatchRun) bool { return rolloutType(a) == rolloutType(b) }

func rolloutType(run *respinv1alpha1.PatchRun) respinv1alpha1.RolloutType {
	if run.Spec.Rollout.Type == "" {
		return respinv1alpha1.RollingUpdate
	}
	return run.Spec.Rollout.Type
}

// sameOriginal tells whether two runs patch forms of the same image.
func sameOriginal(a, b *respinv1alpha1.PatchRun) bool {
	return a.Spec.Policy.UID == b.Spec.Policy.UID && a.Spec.Source.OriginalDigest == b.Spec.Source.OriginalDigest
}

// made tells whether a run made the image of a digest.
func made(run *respinv1alpha1.PatchRun, digest string) bool {
	return run.Status.Output != nil && run.Status.Output.Digest == digest
}

// maker is the last run that made the image of a digest for a workload; nil where none did.
func maker(digest string, target respinv1alpha1.WorkloadTarget, runs []respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	var last *respinv1alpha1.PatchRun
	for i := range runs {
		run := &runs[i]
		if made(run, digest) && aimsAt(run, target) && (last == nil || ended(*last).Before(ended(*run))) {
			last = run
		}
	}
	return last
}

// aimsAt tells whether a run is for a workload.
func aimsAt(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) bool {
	return slices.ContainsFunc(run.Spec.Workloads, func(t respinv1alpha1.WorkloadTarget) bool { return t.UID == target.UID })
}

// replacers are the finished runs that made what pods have in place of an image. They are kept: without them it would not
// be known what such a pod has.
func replacers(app AppImage, runs []respinv1alpha1.PatchRun) []string {
	var names []string
	for i := range runs {
		if Finished(&runs[i]) && inPlace(app, &runs[i]) {
			names = append(names, runs[i].Name)
		}
	}
	return names
}

// GivenByRun tells whether an image in a template is what a run under way has made.
func GivenByRun(runs []respinv1alpha1.PatchRun, image string) bool {
	return slices.ContainsFunc(runs, func(run respinv1alpha1.PatchRun) bool {
		return !Finished(&run) && run.Status.Output != nil && run.Status.Output.Image == image
	})
}

// Replaced tells, of a pod that has another image than its workload's template, what the template's was when a run put
// that one in its place, as the kubelet tells it, and what was put there; both are empty where no run did.
func Replaced(runs []respinv1alpha1.PatchRun, workload types.UID, container respinv1alpha1.ContainerTarget, image string) (id, inPlace string) {
	for i := range runs {
		run := &runs[i]
		if rolloutType(run) != respinv1alpha1.OnRestart || run.Status.Output == nil || run.Status.Output.Image != image {
			continue
		}
		for _, t := range run.Spec.Workloads {
			if t.UID == workload && slices.Contains(t.Containers, container) {
				return run.Spec.Source.Repository + "@" + run.Spec.Source.Digest, image
			}
		}
	}
	return "", ""
}

// inPlace tells whether pods run what a run made in place of the image.
func inPlace(app AppImage, run *respinv1alpha1.PatchRun) bool {
	return run.Status.Output != nil && slices.Contains(app.InPlace, run.Status.Output.Image)
}
