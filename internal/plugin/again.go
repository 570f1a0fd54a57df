package plugin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// Retry finds the run that a person wants to be tried again, by its own name or by the workload or image that it is for.
// Its error says why there is none.
func Retry(facts Facts, namespace, arg string) (*respinv1alpha1.PatchRun, error) {
	subject, err := ParseSubject(arg)
	if err != nil {
		return nil, err
	}
	if run := facts.run(namespace, subject.Name); run != nil && subject.Kind == "" && !subject.Policy {
		return run, facts.retriable(run)
	}
	if subject.Run || subject.Policy {
		return nil, Missing(arg, namespace, "patchrun", facts.RunNames())
	}
	runs, found := facts.stopped(subject)
	switch {
	case len(runs) == 1:
		return runs[0], facts.retriable(runs[0])
	case len(runs) > 1:
		return nil, errAmbiguous(arg, runNames(runs))
	case found:
		return nil, fmt.Errorf("nothing of %s has failed or is held: there is nothing to try again; kubectl respin why %s tells more", arg, arg)
	}
	return nil, Missing(arg, namespace, "patchrun, workload or image", facts.RunNames(), facts.WorkloadNames(), facts.ImageNames())
}

// stopped are the runs by which images of a subject failed or are held; found tells whether there is such a subject. The
// policies' statuses say which run it is; where they say nothing of the subject, its newest run counts if it failed.
func (f Facts) stopped(s Subject) (runs []*respinv1alpha1.PatchRun, found bool) {
	names := f.workloadsNamed(s)
	images := f.images(func(app respinv1alpha1.ImageStatus) bool {
		return s.isImage(app) || slices.ContainsFunc(app.Workloads, func(name string) bool { return slices.Contains(names, name) })
	})
	for _, k := range images {
		run := f.run(k.policy.Namespace, k.app.Run)
		held := k.app.State == respinv1alpha1.ImageFailed || k.app.State == respinv1alpha1.ImageHeld
		if run != nil && held && !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	if len(runs) == 0 && len(images) == 0 {
		for _, name := range names {
			latest := f.runsOf(func(run *respinv1alpha1.PatchRun) bool { return targets(run, name) })
			if len(latest) > 0 && f.retriable(latest[0]) == nil {
				runs = append(runs, latest[0])
			}
		}
	}
	return runs, len(names)+len(images) > 0
}

// retriable says why a run is not to be tried again.
func (f Facts) retriable(run *respinv1alpha1.PatchRun) error {
	switch {
	case !plan.Finished(run):
		return fmt.Errorf("patchrun/%s is under way (%s): there is nothing to try again", run.Name, phaseOf(run))
	case plan.Succeeded(run) && !f.held(run):
		return fmt.Errorf("patchrun/%s succeeded, and what it patched is not held: there is nothing to try again", run.Name)
	}
	return nil
}

// held tells whether someone put back what a run had patched.
func (f Facts) held(run *respinv1alpha1.PatchRun) bool {
	reverted := slices.ContainsFunc(run.Status.Workloads, func(w respinv1alpha1.WorkloadStatus) bool {
		return w.State == respinv1alpha1.WorkloadReverted
	})
	return reverted || len(f.images(func(app respinv1alpha1.ImageStatus) bool {
		return app.Run == run.Name && app.State == respinv1alpha1.ImageHeld
	})) > 0
}

func runNames(runs []*respinv1alpha1.PatchRun) []string {
	var names []string
	for _, run := range runs {
		names = append(names, "patchrun/"+run.Name)
	}
	return names
}

// Stamp is a value for an annotation that has it acted on: the time, or more of it where that is there already.
func Stamp(now time.Time, before string) string {
	if stamp := now.UTC().Format(time.RFC3339); stamp != before {
		return stamp
	}
	return now.UTC().Format(time.RFC3339Nano)
}

// Rollback finds the run whose patched images a person wants taken back, by its own name or by a workload's, and tells
// what that would put back. Its error says why there is none.
func Rollback(facts Facts, namespace, arg string) (*respinv1alpha1.PatchRun, string, error) {
	subject, err := ParseSubject(arg)
	if err != nil {
		return nil, "", err
	}
	run := facts.run(namespace, subject.Name)
	if run == nil || subject.Kind != "" || subject.Policy {
		if run, err = facts.patchedBy(subject, namespace, arg); err != nil {
			return nil, "", err
		}
	}
	if err := facts.reversible(run); err != nil {
		return nil, "", err
	}
	return run, rollbackText(run), nil
}

// patchedBy is the newest run that brought a workload its patched image.
func (f Facts) patchedBy(s Subject, namespace, arg string) (*respinv1alpha1.PatchRun, error) {
	names := f.workloadsNamed(s)
	switch {
	case len(names) == 0:
		return nil, Missing(arg, namespace, "patchrun or workload", f.RunNames(), f.WorkloadNames())
	case len(names) > 1:
		return nil, errAmbiguous(arg, names)
	}
	for _, run := range f.runsOf(func(run *respinv1alpha1.PatchRun) bool { return targets(run, names[0]) }) {
		if plan.Succeeded(run) {
			return run, nil
		}
	}
	return nil, fmt.Errorf("no run that succeeded has patched %s: there is nothing to take back", names[0])
}

// reversible says why what a run patched is not to be taken back.
func (f Facts) reversible(run *respinv1alpha1.PatchRun) error {
	switch {
	case !plan.Finished(run):
		return fmt.Errorf("patchrun/%s is under way (%s): it is taken back by itself if it is not healthy; "+
			"kubectl respin suspend %s keeps it from going on", run.Name, phaseOf(run), run.Spec.Policy.Name)
	case !plan.Succeeded(run):
		return fmt.Errorf("patchrun/%s did not succeed (%s): there is nothing to take back", run.Name, phaseOf(run))
	case run.Spec.Rollout.Type == respinv1alpha1.NoRollout:
		return fmt.Errorf("patchrun/%s only pushed its image: what rolled it out has to take it back", run.Name)
	}
	for _, name := range workloadsOf(run) {
		newer := f.runsOf(func(other *respinv1alpha1.PatchRun) bool {
			return plan.Succeeded(other) && run.CreationTimestamp.Before(&other.CreationTimestamp) && sameContainer(run, other, name)
		})
		if len(newer) > 0 {
			return fmt.Errorf("patchrun/%s has patched %s since: take that one back first, with kubectl respin rollback %s",
				newer[0].Name, name, newer[0].Name)
		}
	}
	return nil
}

// sameContainer tells whether two runs are for the same container of a workload.
func sameContainer(one, other *respinv1alpha1.PatchRun, name string) bool {
	a, b := target(one, name), target(other, name)
	return a != nil && b != nil && slices.ContainsFunc(a.Containers, func(c respinv1alpha1.ContainerTarget) bool {
		return slices.ContainsFunc(b.Containers, func(o respinv1alpha1.ContainerTarget) bool { return c.Name == o.Name && c.Init == o.Init })
	})
}

// rollbackText shows what each workload would get back.
func rollbackText(run *respinv1alpha1.PatchRun) string {
	var p paragraphs
	p.say("Run", fmt.Sprintf("patchrun/%s of patchpolicy/%s in %s", run.Name, run.Spec.Policy.Name, run.Namespace))
	for _, t := range run.Spec.Workloads {
		var images []string
		for _, c := range t.Containers {
			images = append(images, fmt.Sprintf("%s in container %s", c.PreviousImage, c.Name))
		}
		p.line("Back", label(t.Kind, t.Name)+" gets "+strings.Join(images, ", "))
	}
	p.say("Then", "The patched image is not given to them again before the image or its base moves, or the run is retried.")
	return p.text.String()
}
