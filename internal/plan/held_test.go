package plan

import (
	"slices"
	"strings"
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// The digests of an image's patched forms: onto the base's new digest, and onto a still newer one.
var (
	patched1  = digestOfAll("1")
	patched2  = digestOfAll("2")
	nextBase  = digestOfAll("d")
	thirdBase = digestOfAll("3")
)

// runningForm are the facts of one of an image's forms that runs, on a base that has moved on to another digest since.
func runningForm(digest, onto, base string) Facts {
	return behind(func(f *Facts) {
		f.App.Ref.Digest, f.Image = digest, single(digest, "old", "app")
		if digest != source1 {
			f.Image.Annotations = map[string]string{image.AnnotationSourceDigest: source1}
		}
		f.Lineage.Digest, f.Lineage.Records = onto, []image.Record{{Platform: amd64, Digest: onto}}
		f.Base = single(base, "new "+base)
	})
}

func TestWhatIsHeld(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	type changes = []func(*respinv1alpha1.PatchRun)
	run := func(facts Facts, made string, minutes int, name string, more ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
		return theRun(facts, append(changes{created(minutes), making(made), succeeded, at(minutes + 1), named(name)}, more...)...)
	}
	// Two moves of the base: from the original to its first patched form, and from that to its second.
	first := run(runningForm(source1, oldBase, newBase), patched1, 10, "first")
	second := run(runningForm(patched1, newBase, nextBase), patched2, 20, "second")
	byFlux := func(run respinv1alpha1.PatchRun) respinv1alpha1.PatchRun {
		changed := *run.DeepCopy()
		managed("Flux's Kustomization apps")(&changed)
		return changed
	}
	revertedBy := func(run respinv1alpha1.PatchRun, by string) respinv1alpha1.PatchRun {
		changed := *run.DeepCopy()
		changed.Status.Conditions = nil
		reverted(&changed)
		managed(by)(&changed)
		return changed
	}
	anew := func(run respinv1alpha1.PatchRun) respinv1alpha1.PatchRun {
		changed := *run.DeepCopy()
		annotated("now")(&changed)
		return changed
	}
	for sentence, test := range map[string]struct {
		facts  Facts
		runs   runs
		reason string // empty where a run is created
		run    string
		says   string
	}{
		"the image before the last patch is":          {runningForm(patched1, newBase, nextBase), runs{first, second}, respinv1alpha1.ReasonReverted, "second", "patchrun/second brought the patched image"},
		"the one before the last two patches is":      {runningForm(source1, oldBase, nextBase), runs{first, second}, respinv1alpha1.ReasonReverted, "second", "respin.dev/retry"},
		"the original after the first patch is":       {runningForm(source1, oldBase, newBase), runs{first}, respinv1alpha1.ReasonReverted, "first", ""},
		"a revert in the middle of a rollout is":      {runningForm(source1, oldBase, newBase), runs{revertedBy(first, "")}, respinv1alpha1.ReasonReverted, "first", ""},
		"a newer base lifts it":                       {facts: runningForm(source1, oldBase, thirdBase), runs: runs{first, second}},
		"a newer base lifts it in a middle form, too": {facts: runningForm(patched1, newBase, thirdBase), runs: runs{first, second}},
		"the last form itself is not, on a new base":  {facts: runningForm(patched2, nextBase, thirdBase), runs: runs{first, second}},
		"nor on a base that was put back to where it was before": {
			facts: runningForm(patched2, nextBase, newBase), runs: runs{first, second},
		},
		"another original is not": {
			facts: behind(ofAnotherImage, onNextBase), runs: runs{first, second},
		},
		"a workload made anew is not": {
			facts: func() Facts { f := runningForm(source1, oldBase, newBase); recreated(&f); return f }(), runs: runs{first},
		},
		"a run that is tried again holds nothing": {runningForm(source1, oldBase, newBase), runs{anew(first)}, respinv1alpha1.ReasonPatching, "first", ""},

		"what Flux put back is, on the same base": {
			runningForm(source1, oldBase, newBase), runs{revertedBy(first, "Flux's Kustomization apps")}, respinv1alpha1.ReasonGitOpsConflict, "first",
			"Flux's Kustomization apps sets the image of Deployment/api",
		},
		"and on any other": {runningForm(source1, oldBase, thirdBase), runs{revertedBy(first, "Flux")}, respinv1alpha1.ReasonGitOpsConflict, "first", "OnRestart"},
		"what it put back only after the run was healthy is": {runningForm(source1, oldBase, nextBase), runs{byFlux(first)}, respinv1alpha1.ReasonGitOpsConflict, "first", ""},
		"what it put back after two patches is":              {runningForm(source1, oldBase, thirdBase), runs{byFlux(first), byFlux(second)}, respinv1alpha1.ReasonGitOpsConflict, "first", ""},
		"what it put back to the form before is":             {runningForm(patched1, newBase, thirdBase), runs{byFlux(first), byFlux(second)}, respinv1alpha1.ReasonGitOpsConflict, "second", ""},
		"what it leaves alone is not":                        {facts: runningForm(patched1, newBase, nextBase), runs: runs{byFlux(first)}},
		"nor after one more patch": {
			facts: runningForm(patched2, nextBase, thirdBase), runs: runs{byFlux(first), byFlux(second)},
		},
		"a new original in Git lifts it": {facts: behind(ofAnotherImage), runs: runs{revertedBy(first, "Flux")}},
		"trying again lifts it":          {runningForm(source1, oldBase, newBase), runs{anew(revertedBy(first, "Flux"))}, respinv1alpha1.ReasonPatching, "first", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := Judge(payments(), ruleOf(payments()), test.facts, test.runs)
			if test.reason == "" {
				if d.Create == nil {
					t.Errorf("no run is created: %s, %s", d.Status.Reason, d.Status.Message)
				}
				return
			}
			if d.Create != nil || d.Status.Reason != test.reason || d.Status.Run != test.run || !strings.Contains(d.Status.Message, test.says) {
				t.Errorf("judged %s for patchrun/%s: %s", d.Status.Reason, d.Status.Run, d.Status.Message)
			}
			if held := d.Status.State == respinv1alpha1.ImageHeld; held && !slices.Contains(d.Keep, test.run) {
				t.Errorf("it is held, and kept are %v", d.Keep)
			}
		})
	}
}

func TestAHoldIsOfTheWorkloadAndNotOfTheImage(t *testing.T) {
	facts := behind(withTargets(target("api"), target("worker")))
	both := theRun(facts, making(patched1), succeeded)
	both.Status.Workloads[1].State = respinv1alpha1.WorkloadSkipped
	d := Judge(payments(), ruleOf(payments()), facts, []respinv1alpha1.PatchRun{both})
	if d.Create == nil || !slices.Equal(names(d.Create.Spec.Workloads), []string{"worker"}) {
		t.Errorf("the one that was never given the image is left alone: %+v", d)
	}
	if !slices.Equal(d.Keep, []string{both.Name}) {
		t.Errorf("kept are %v, want the run that holds the other", d.Keep)
	}
}
