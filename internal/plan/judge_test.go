package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

func TestJudge(t *testing.T) {
	for sentence, test := range map[string]struct {
		policy *respinv1alpha1.PatchPolicy
		facts  Facts
		state  respinv1alpha1.ImageState
		reason string
		says   string
		create bool
	}{
		"an image behind its base gets a run": {
			facts: behind(), state: respinv1alpha1.ImagePatching, reason: respinv1alpha1.ReasonPatching, create: true,
		},
		"an image on its base's current digest is current": {
			facts: behind(func(f *Facts) { f.Lineage.Digest, f.Lineage.Records = newBase, nil }),
			state: respinv1alpha1.ImageCurrent, reason: respinv1alpha1.ReasonUpToDate,
		},
		"an image without a record whose layers begin with the base's is current": {
			facts: behind(func(f *Facts) {
				f.Lineage.Digest, f.Lineage.Records, f.Image = "", nil, single(source1, "new", "app")
			}),
			state: respinv1alpha1.ImageCurrent, reason: respinv1alpha1.ReasonUpToDate,
		},
		"an image of which something could not be gathered is unknown, in the words of that": {
			facts: behind(func(f *Facts) { f.Problem = &Problem{respinv1alpha1.ReasonDenied, "the registry refused"} }),
			state: respinv1alpha1.ImageUnknown, reason: respinv1alpha1.ReasonDenied, says: "the registry refused",
		},
		"a base that lost the platform is told of": {
			facts: behind(func(f *Facts) { f.Base.Children[0].Platform = arm64 }),
			state: respinv1alpha1.ImageUnknown, reason: respinv1alpha1.ReasonPlatformLost, says: "linux/arm64",
		},
		"an index that lacks the node's platform is told of": {
			facts: behind(func(f *Facts) { f.Image.Index, f.App.Platforms = true, []image.Platform{arm64} }),
			state: respinv1alpha1.ImageUnknown, reason: respinv1alpha1.ReasonPlatformMissing,
		},
		"an image to be rebuilt without a build is behind, and told what to declare": {
			policy: payments(func(p *respinv1alpha1.PatchPolicy) {
				p.Spec.Images[0].Build, p.Spec.Images[0].Method = nil, respinv1alpha1.MethodRebuild
			}),
			facts: behind(), state: respinv1alpha1.ImageBehind, reason: respinv1alpha1.ReasonNoBuild, says: "spec.images[].build",
		},
		"an image that would be pushed to its own base is not patched": {
			facts: behind(func(f *Facts) { f.App.Ref.Repository = "registry.example.com/base/debian" }),
			state: respinv1alpha1.ImageBehind, reason: respinv1alpha1.ReasonOutputIsBase, says: "output.repository",
		},
		"an image for more platforms than a run may have is not patched": {
			facts: behind(manyPlatforms),
			state: respinv1alpha1.ImageBehind, reason: respinv1alpha1.ReasonTooManyPlatforms,
		},
		"while a wave cannot be understood nobody knows what comes first, and nothing is patched": {
			policy: payments(func(p *respinv1alpha1.PatchPolicy) {
				wrong := metav1.LabelSelectorRequirement{Key: "tier", Operator: "Is", Values: []string{"canary"}}
				p.Spec.Rollout.Waves = []respinv1alpha1.RolloutWave{{Selector: metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{wrong}}}}
			}),
			facts: behind(), state: respinv1alpha1.ImageBehind, reason: respinv1alpha1.ReasonInvalidWave, says: "spec.rollout.waves[0].selector",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			policy := test.policy
			if policy == nil {
				policy = payments()
			}
			rule := ruleOf(policy)
			decision := Judge(policy, rule, test.facts, nil)
			if decision.Status.State != test.state || decision.Status.Reason != test.reason {
				t.Errorf("judged %s, %s: %s", decision.Status.State, decision.Status.Reason, decision.Status.Message)
			}
			if !strings.Contains(decision.Status.Message, test.says) {
				t.Errorf("%q does not say %q", decision.Status.Message, test.says)
			}
			if created := decision.Create != nil; created != test.create {
				t.Errorf("a run is created: %v, want %v", created, test.create)
			}
		})
	}
}

func manyPlatforms(f *Facts) {
	f.Image.Children, f.Base.Children = nil, nil
	for i := range maxPlatforms + 1 {
		p := image.Platform{OS: "linux", Architecture: fmt.Sprintf("arch%d", i)}
		f.Image.Children = append(f.Image.Children, image.Child{Platform: p})
		f.Base.Children = append(f.Base.Children, image.Child{Platform: p})
	}
}

func TestTheStatusTellsTheFacts(t *testing.T) {
	status := Judge(payments(), ruleOf(payments()), behind(), nil).Status
	want := respinv1alpha1.ImageStatus{
		Repository: repository, Digest: source1, Tag: "1.4", Base: debian, BaseDigest: oldBase, Lineage: "Declared",
		State: respinv1alpha1.ImagePatching, Reason: respinv1alpha1.ReasonPatching, Message: "the run is being created",
		Workloads: []string{"Deployment/api"}, Run: status.Run,
	}
	if fmt.Sprint(status) != fmt.Sprint(want) || status.Run == "" {
		t.Errorf("the status is\n%+v, want\n%+v", status, want)
	}
}

func TestANewRunPinsEveryInput(t *testing.T) {
	policy := payments(func(p *respinv1alpha1.PatchPolicy) {
		p.Spec.Images[0].Output = &respinv1alpha1.OutputSpec{Repository: "registry.example.com/patched/api"}
	})
	facts := behind(func(f *Facts) {
		f.Image.Annotations = map[string]string{image.AnnotationSourceDigest: digestOfAll("e")}
	})
	run := Judge(policy, ruleOf(policy), facts, nil).Create
	switch {
	case run.Namespace != "shop" || run.OwnerReferences[0].UID != policy.UID || run.OwnerReferences[0].Kind != "PatchPolicy":
		t.Errorf("it is not owned by its policy: %+v", run.ObjectMeta)
	case run.Spec.Source.OriginalDigest != digestOfAll("e") || run.Spec.Source.Digest != source1:
		t.Errorf("an image that was patched before has the source %+v", run.Spec.Source)
	case !slices.Equal(run.Spec.Source.Platforms, []string{"linux/amd64"}):
		t.Errorf("its platforms are %v", run.Spec.Source.Platforms)
	case run.Spec.Base != respinv1alpha1.BaseMove{Image: debian, From: oldBase, To: newBase}:
		t.Errorf("its base is %+v", run.Spec.Base)
	case run.Spec.Output != "registry.example.com/patched/api:1.4-respin-"+Pair(run.Spec):
		t.Errorf("its output is %s", run.Spec.Output)
	case !strings.Contains(run.Spec.Because.Message, oldBase) || !strings.Contains(run.Spec.Because.Message, newBase):
		t.Errorf("it is because %q, which does not say from where to where the base moved", run.Spec.Because.Message)
	}
}

func TestAnImageWhosePatchIsBeingWatchedIsNotJudged(t *testing.T) {
	patchedDigest := digestOfAll("f")
	run := theRun(behind(), func(r *respinv1alpha1.PatchRun) {
		r.Status.Output = &respinv1alpha1.OutputStatus{Digest: patchedDigest}
	})
	facts := behind(func(f *Facts) {
		f.App.Ref.Digest = patchedDigest
		f.Problem = &Problem{respinv1alpha1.ReasonUnreachable, "no answer"}
	})
	decision := Judge(payments(), ruleOf(payments()), facts, []respinv1alpha1.PatchRun{run})
	if decision.Status.State != respinv1alpha1.ImagePatching || decision.Status.Run != run.Name || decision.Create != nil {
		t.Errorf("judged %+v", decision.Status)
	}
}

func TestWhatARunUnderWayWaitsForIsToldOfItsImage(t *testing.T) {
	const unknown = metav1.ConditionUnknown
	upTo := func(kinds ...string) func(*respinv1alpha1.PatchRun) {
		return func(run *respinv1alpha1.PatchRun) {
			for _, kind := range kinds {
				condition(kind, metav1.ConditionTrue, "Done", "")(run)
			}
			run.Status.Phase = respinv1alpha1.PhaseRollingOut
		}
	}
	built := upTo(respinv1alpha1.ConditionPlanned, respinv1alpha1.ConditionBuilt, respinv1alpha1.ConditionVerified)
	approved := upTo(respinv1alpha1.ConditionPlanned, respinv1alpha1.ConditionBuilt, respinv1alpha1.ConditionVerified, respinv1alpha1.ConditionApproved)
	for reason, on := range map[string]struct {
		before    func(*respinv1alpha1.PatchRun)
		condition string
		told      bool
	}{
		respinv1alpha1.ReasonAwaitingApproval:  {built, respinv1alpha1.ConditionApproved, true},
		respinv1alpha1.ReasonOtherDigest:       {built, respinv1alpha1.ConditionApproved, true},
		respinv1alpha1.ReasonApproverUnknown:   {built, respinv1alpha1.ConditionApproved, true},
		respinv1alpha1.ReasonWaitingForWindow:  {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonWaitingForWave:    {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonWaveFailed:        {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonWaitingForTurn:    {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonUnhealthyBefore:   {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonPaused:            {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonDisruptionBudget:  {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonPatchingOnRestart: {approved, respinv1alpha1.ConditionRolledOut, true},
		respinv1alpha1.ReasonUpdating:          {approved, respinv1alpha1.ConditionRolledOut, false},
		respinv1alpha1.ReasonBuilding:          {upTo(respinv1alpha1.ConditionPlanned), respinv1alpha1.ConditionBuilt, false},
	} {
		t.Run(reason, func(t *testing.T) {
			run := theRun(behind(), named("r"), on.before, condition(on.condition, unknown, reason, "in these words"))
			want := reason
			if !on.told {
				want = respinv1alpha1.ReasonPatching
			}
			status := Judge(payments(), ruleOf(payments()), behind(), []respinv1alpha1.PatchRun{run}).Status
			if status.State != respinv1alpha1.ImagePatching || status.Reason != want || !strings.HasSuffix(status.Message, "in these words") {
				t.Errorf("told %s, %s: %s", status.State, status.Reason, status.Message)
			}
		})
	}
	over := theRun(behind(), named("r"), approved, condition(respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, "", ""),
		condition(respinv1alpha1.ConditionHealthy, unknown, respinv1alpha1.ReasonBaking, ""))
	if status := Judge(payments(), ruleOf(payments()), behind(), []respinv1alpha1.PatchRun{over}).Status; status.Reason != respinv1alpha1.ReasonPatching {
		t.Errorf("of one that bakes %s is told", status.Reason)
	}
}

func TestRunsOfAnImageThatCannotBeJudgedAreKept(t *testing.T) {
	runs := []respinv1alpha1.PatchRun{
		theRun(behind(), rolled, named("of-this-image")),
		theRun(behind(func(f *Facts) { f.App.Ref.Digest = digestOfAll("d") }), rolled, named("of-another")),
	}
	for sentence, facts := range map[string]Facts{
		"while the registry does not answer": behind(func(f *Facts) { f.Problem = &Problem{respinv1alpha1.ReasonUnreachable, "no answer"} }),
		"while its base lacks a platform":    behind(func(f *Facts) { f.Base.Children[0].Platform = arm64 }),
	} {
		t.Run(sentence, func(t *testing.T) {
			if kept := Judge(payments(), ruleOf(payments()), facts, runs).Keep; !slices.Equal(kept, []string{"of-this-image"}) {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

func TestLineageProblem(t *testing.T) {
	for err, reason := range map[error]string{
		&image.AmbiguousLineageError{}: respinv1alpha1.ReasonAmbiguousLineage,
		image.ErrNoLineage:             respinv1alpha1.ReasonNoLineage,
		image.ErrPlatformLost:          respinv1alpha1.ReasonPlatformLost,
		image.ErrPlatformMissing:       respinv1alpha1.ReasonPlatformMissing,
		errors.New("anything else"):    respinv1alpha1.ReasonNoLineage,
	} {
		if problem := LineageProblem(fmt.Errorf("wrapped: %w", err)); problem.Reason != reason {
			t.Errorf("%v has the reason %s, want %s", err, problem.Reason, reason)
		}
	}
}

func TestNoMessageIsLongerThanTheStatusTakes(t *testing.T) {
	facts := behind(func(f *Facts) { f.Problem = &Problem{respinv1alpha1.ReasonDenied, strings.Repeat("ü", 5000)} })
	facts.App.Targets = nil
	for i := range 600 {
		facts.App.Targets = append(facts.App.Targets, target(fmt.Sprintf("w%d", i)))
	}
	status := Judge(payments(), ruleOf(payments()), facts, nil).Status
	if len(status.Message) > maxMessage || len(status.Workloads) > maxWorkloads {
		t.Errorf("the status has a message of %d bytes and %d workloads", len(status.Message), len(status.Workloads))
	}
}
