package plan

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

var (
	opened     = in(respinv1alpha1.WorkloadOpen, "")
	pushedOnly = condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, respinv1alpha1.ReasonPushedOnly, "pushed")
)

func TestAPolicyWhoseWayIsChanged(t *testing.T) {
	const rolling, onRestart, none = respinv1alpha1.RollingUpdate, respinv1alpha1.OnRestart, respinv1alpha1.NoRollout
	run := func(by respinv1alpha1.RolloutType, changes ...func(*respinv1alpha1.PatchRun)) []respinv1alpha1.PatchRun {
		all := append([]func(*respinv1alpha1.PatchRun){way(by), making(patched1), named("r")}, changes...)
		return []respinv1alpha1.PatchRun{theRun(behind(), all...)}
	}
	for sentence, test := range map[string]struct {
		way    respinv1alpha1.RolloutType
		runs   []respinv1alpha1.PatchRun
		reason string
		run    string // "new" for one that is created
		gone   []string
	}{
		"a template that was put back says nothing against restarts": {onRestart, run(rolling, reverted), respinv1alpha1.ReasonPatching, "new", nil},
		"nor does one that Flux put back":                            {onRestart, run(rolling, reverted, managed("Flux")), respinv1alpha1.ReasonPatching, "new", nil},
		"nor against pushing only":                                   {none, run(rolling, succeeded), respinv1alpha1.ReasonPatching, "new", nil},
		"what restarts brought says nothing of the template":         {rolling, run(onRestart, succeeded), respinv1alpha1.ReasonPatching, "new", nil},
		"what was only pushed is rolled out":                         {rolling, run(none, pushedOnly), respinv1alpha1.ReasonPatching, "new", nil},
		"and patched on restart":                                     {onRestart, run(none, pushedOnly), respinv1alpha1.ReasonPatching, "new", nil},
		"what was pushed is published":                               {none, run(none, pushedOnly), respinv1alpha1.ReasonPublished, "r", nil},
		"a patched image that failed is bad in every way":            {onRestart, run(rolling, rolled), respinv1alpha1.ReasonQuarantined, "r", nil},
		"also to publish":                                            {none, run(onRestart, rolled), respinv1alpha1.ReasonQuarantined, "r", nil},

		"a run that has touched nothing gives way to restarts": {onRestart, run(rolling, waits), respinv1alpha1.ReasonPatching, "new", []string{"r"}},
		"and to pushing only":                                      {none, run(rolling), respinv1alpha1.ReasonPatching, "new", []string{"r"}},
		"one that was to push only gives way":                      {rolling, run(none), respinv1alpha1.ReasonPatching, "new", []string{"r"}},
		"one that has changed a template ends first":               {onRestart, run(rolling, given), respinv1alpha1.ReasonPatching, "r", nil},
		"one that takes pods back ends first":                      {rolling, run(onRestart, in(respinv1alpha1.WorkloadUnhealthy, "")), respinv1alpha1.ReasonPatching, "r", nil},
		"one that waits for restarts goes on beside":               {rolling, run(onRestart, opened), respinv1alpha1.ReasonPatching, "new", nil},
		"one of the same way is waited for":                        {onRestart, run(onRestart, opened), respinv1alpha1.ReasonPatching, "r", nil},
		"left out, the way is RollingUpdate":                       {"", run(rolling, waits), respinv1alpha1.ReasonPatching, "r", nil},
		"a run of before there were ways, too":                     {rolling, run("", given), respinv1alpha1.ReasonPatching, "r", nil},
		"one that began on restarts and was asked again gives way": {rolling, run(onRestart, rolled, annotated("now")), respinv1alpha1.ReasonPatching, "new", []string{"r"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			policy := payments(byWay(test.way))
			d := Judge(policy, ruleOf(policy), behind(), test.runs)
			found := d.Status.Run
			if d.Create != nil && d.Create.Name == found {
				found = "new"
			}
			if found != test.run || d.Status.Reason != test.reason || !slices.Equal(d.Superseded, test.gone) {
				t.Errorf("it is run %s, %s, without %v; want %s, %s, without %v: %s",
					found, d.Status.Reason, d.Superseded, test.run, test.reason, test.gone, d.Status.Message)
			}
			if d.Create != nil && (d.Create.Spec.Rollout.Type != test.way || slices.ContainsFunc(test.runs, func(r respinv1alpha1.PatchRun) bool {
				return Pair(r.Spec) == Pair(d.Create.Spec) && rolloutType(&r) != rolloutType(d.Create) && runName(&r) == d.Create.Name
			})) {
				t.Errorf("it is created as %s, by %s", d.Create.Name, d.Create.Spec.Rollout.Type)
			}
		})
	}
}

func TestWhatIsToldOfAnImageThatIsPublished(t *testing.T) {
	policy := payments(byWay(respinv1alpha1.NoRollout))
	run := theRun(behind(), way(respinv1alpha1.NoRollout), making(patched1), pushedOnly,
		condition(respinv1alpha1.ConditionVerified, metav1.ConditionTrue, "", ""))
	status := Judge(policy, ruleOf(policy), behind(), []respinv1alpha1.PatchRun{run}).Status
	if status.State != respinv1alpha1.ImageBehind || status.Patched != run.Status.Output.Image || !strings.Contains(status.Message, run.Status.Output.Image) {
		t.Errorf("told %+v", status)
	}
}

func TestHowManyPodsRunAnImageThatIsPatchedOnRestart(t *testing.T) {
	policy := payments(byWay(respinv1alpha1.OnRestart))
	pods := func(inPlace ...bool) func(*Facts) {
		return func(f *Facts) {
			f.App.Pods = map[string]bool{}
			for i, patched := range inPlace {
				f.App.Pods["Deployment/api/"+string(rune('a'+i))] = patched
			}
		}
	}
	run := theRun(behind(), way(respinv1alpha1.OnRestart), making(patched1), succeeded)
	for sentence, test := range map[string]struct {
		facts  Facts
		state  respinv1alpha1.ImageState
		reason string
		says   string
	}{
		"none yet":        {behind(pods(false, false)), respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatchingOnRestart, "0 of 2 pods run "},
		"some of them":    {behind(pods(true, false, true)), respinv1alpha1.ImagePatching, respinv1alpha1.ReasonPatchingOnRestart, "2 of 3 pods run "},
		"all of them":     {behind(pods(true, true)), respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonPatchedOnRestart, "all pods (2) run "},
		"where there are": {behind(pods()), respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonPatchedOnRestart, "all pods (0) run "},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := Judge(policy, ruleOf(policy), test.facts, []respinv1alpha1.PatchRun{run})
			if d.Status.State != test.state || d.Status.Reason != test.reason || !strings.HasPrefix(d.Status.Message, test.says) || d.Create != nil {
				t.Errorf("judged %+v", d.Status)
			}
			if !slices.Contains(d.Keep, run.Name) {
				t.Errorf("kept are %v, want the run by which pods are patched", d.Keep)
			}
			pods, patched := test.facts.App.count()
			if d.Status.Pods != pods || d.Status.PatchedPods != patched {
				t.Errorf("the status counts %d of %d, want %d of %d", d.Status.PatchedPods, d.Status.Pods, patched, pods)
			}
		})
	}
	if status := Judge(payments(), ruleOf(payments()), behind(pods(true, false)), nil).Status; status.Pods != 0 || status.PatchedPods != 0 {
		t.Errorf("where the template is changed pods are counted: %+v", status)
	}
}

func TestANewerBaseDoesNotWaitForRestarts(t *testing.T) {
	policy := payments(byWay(respinv1alpha1.OnRestart))
	for sentence, test := range map[string]struct {
		state func(*respinv1alpha1.PatchRun)
		gone  []string
	}{
		"one that is open goes on until the newer one is": {opened, nil},
		"one that has yet to open gives way":              {waits, []string{"r"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := theRun(behind(), way(respinv1alpha1.OnRestart), making(patched1), named("r"), test.state)
			d := Judge(policy, ruleOf(policy), behind(onNextBase), []respinv1alpha1.PatchRun{run})
			if d.Create == nil || !slices.Equal(d.Superseded, test.gone) {
				t.Errorf("judged %+v, without %v", d.Status, d.Superseded)
			}
		})
	}
}
