package plan

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func waveOf(key string, operator metav1.LabelSelectorOperator, values ...string) respinv1alpha1.RolloutWave {
	return respinv1alpha1.RolloutWave{Selector: metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: operator, Values: values}},
	}}
}

func TestWhichWaveAWorkloadIsIn(t *testing.T) {
	canary, staging := waveOf("tier", metav1.LabelSelectorOpIn, "canary"), waveOf("tier", metav1.LabelSelectorOpExists)
	for sentence, test := range map[string]struct {
		spec   []respinv1alpha1.RolloutWave
		labels labels.Set
		want   int32
	}{
		"without waves all are in one":              {nil, labels.Set{"tier": "canary"}, 0},
		"in the first that selects it":              {[]respinv1alpha1.RolloutWave{canary, staging}, labels.Set{"tier": "canary"}, 0},
		"in a later one, where only that does":      {[]respinv1alpha1.RolloutWave{canary, staging}, labels.Set{"tier": "backend"}, 1},
		"after the last, where none does":           {[]respinv1alpha1.RolloutWave{canary, staging}, labels.Set{"app": "api"}, 2},
		"after the last, where it has no labels":    {[]respinv1alpha1.RolloutWave{canary}, nil, 1},
		"a selector of nothing in it selects all":   {[]respinv1alpha1.RolloutWave{{}, canary}, labels.Set{"tier": "canary"}, 0},
		"of two that select it, the earlier counts": {[]respinv1alpha1.RolloutWave{staging, canary}, labels.Set{"tier": "canary"}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			waves, problem := ParseWaves(test.spec)
			if problem != nil {
				t.Fatal(problem.Message)
			}
			if wave := waves.Of(test.labels); wave != test.want {
				t.Errorf("it is in wave %d, want %d", wave, test.want)
			}
		})
	}
}

func TestAWaveThatCannotBeUnderstood(t *testing.T) {
	waves, problem := ParseWaves([]respinv1alpha1.RolloutWave{
		waveOf("tier", metav1.LabelSelectorOpExists), waveOf("tier", metav1.LabelSelectorOpIn),
	})
	if problem == nil || waves != nil || problem.Reason != respinv1alpha1.ReasonInvalidWave {
		t.Fatalf("the waves are %v, the problem %+v", waves, problem)
	}
	for _, words := range []string{"spec.rollout.waves[1].selector: ", "write for example matchLabels: {tier: canary}"} {
		if !strings.Contains(problem.Message, words) {
			t.Errorf("%q does not say %q", problem.Message, words)
		}
	}
}

// worker is a run of the same move for another image, whose workload is in wave 1.
func worker() respinv1alpha1.PatchRun {
	return theRun(behind(ofAnotherImage, withTargets(inWave(1, target("worker")))), created(1), named("worker"))
}

func ofAnotherImage(f *Facts) {
	f.App.Ref.Digest, f.Image = digestOfAll("e"), single(digestOfAll("e"), "old", "worker")
}

func TestWhatALaterWaveWaitsFor(t *testing.T) {
	type runs = []respinv1alpha1.PatchRun
	canary := func(changes ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
		return theRun(behind(withTargets(inWave(0, target("canary")))), append([]func(*respinv1alpha1.PatchRun){named("r")}, changes...)...)
	}
	buildFailed := condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, respinv1alpha1.ReasonBuildFailed, "no rule to make")
	onOtherBase := func(run *respinv1alpha1.PatchRun) { run.Spec.Base.Image += "-slim" }
	onOtherDigest := func(run *respinv1alpha1.PatchRun) { run.Spec.Base.To = digestOfAll("d") }
	ofOtherPolicy := func(run *respinv1alpha1.PatchRun) { run.Spec.Policy.UID = "policy-2" }
	again := func(changes ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
		changes = append([]func(*respinv1alpha1.PatchRun){named("again"), created(9)}, changes...)
		return theRun(behind(otherBuild, withTargets(inWave(0, target("canary")))), changes...)
	}
	for sentence, test := range map[string]struct {
		runs   runs
		reason string
		says   string
	}{
		"no other run is no matter":                    {},
		"a run that has not come to its workloads yet": {runs{canary()}, respinv1alpha1.ReasonWaitingForWave, "Deployment/canary of wave 0 is yet to be healthy (patchrun/r)"},
		"a workload that waits itself":                 {runs{canary(waits)}, respinv1alpha1.ReasonWaitingForWave, "patchrun/r"},
		"a workload that was given the image":          {runs{canary(given)}, respinv1alpha1.ReasonWaitingForWave, "patchrun/r"},
		"a workload that bakes":                        {runs{canary(in(respinv1alpha1.WorkloadBaking, ""))}, respinv1alpha1.ReasonWaitingForWave, ""},
		"a workload that is yet to be taken back":      {runs{canary(in(respinv1alpha1.WorkloadUnhealthy, ""))}, respinv1alpha1.ReasonWaitingForWave, ""},
		"a workload whose pods are yet to restart":     {runs{canary(way(respinv1alpha1.OnRestart), in(respinv1alpha1.WorkloadOpen, ""))}, respinv1alpha1.ReasonWaitingForWave, ""},
		"one that was taken back stops it":             {runs{canary(rolled)}, respinv1alpha1.ReasonWaveFailed, "Deployment/canary of wave 0 failed, so that no later wave begins: said at the end"},
		"a build that failed stops it":                 {runs{canary(buildFailed)}, respinv1alpha1.ReasonWaveFailed, "no rule to make; what helps is"},
		"one that is tried again is waited for":        {runs{canary(rolled, annotated("now"))}, respinv1alpha1.ReasonWaitingForWave, ""},
		"a failure is told before a wait":              {runs{canary(given), canary(rolled, named("failed"))}, respinv1alpha1.ReasonWaveFailed, "patchrun/failed"},
		"one that is healthy lets it go":               {runs: runs{canary(in(respinv1alpha1.WorkloadHealthy, ""))}},
		"one whose image someone put back does":        {runs: runs{canary(reverted)}},
		"one that is gone does":                        {runs: runs{canary(skipped)}},
		"a run that succeeded does":                    {runs: runs{canary(succeeded)}},
		"a run that pushed only does":                  {runs: runs{canary(condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, respinv1alpha1.ReasonPushedOnly, ""))}},
		"another base's move is no matter":             {runs: runs{canary(onOtherBase)}},
		"another digest's move is no matter":           {runs: runs{canary(onOtherDigest)}},
		"another policy's run is no matter":            {runs: runs{canary(ofOtherPolicy)}},
		"a workload of the same wave is no matter":     {runs: runs{theRun(behind(withTargets(inWave(1, target("peer")))), rolled)}},
		"a workload of a later wave is no matter":      {runs: runs{theRun(behind(withTargets(inWave(2, target("last")))), rolled)}},
		"the same workload in an earlier wave of another run does not wait for itself": {
			runs: runs{theRun(behind(withTargets(inWave(0, target("worker")))), given)},
		},
		"a failure that a changed build has mended is over": {runs: runs{canary(buildFailed), again(succeeded)}},
		"a failure that a changed build is at mending is waited for": {
			runs{canary(buildFailed), again(given)}, respinv1alpha1.ReasonWaitingForWave, "patchrun/again",
		},
		"a failure that a changed build did not mend is the newer one": {
			runs{canary(buildFailed), again(rolled)}, respinv1alpha1.ReasonWaveFailed, "patchrun/again",
		},
		"an earlier success does not mend a later failure": {
			runs{canary(rolled, created(99)), again(succeeded)}, respinv1alpha1.ReasonWaveFailed, "patchrun/r",
		},
		"what became of another container mends nothing": {
			runs{canary(rolled), again(func(run *respinv1alpha1.PatchRun) { run.Spec.Workloads[0].Containers[0].Name = "sidecar" }, succeeded)},
			respinv1alpha1.ReasonWaveFailed, "patchrun/r",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := worker()
			wait := earlierWave(&run, run.Spec.Workloads[0], append(test.runs, run))
			if wait == nil {
				wait = &Wait{}
			}
			if wait.Reason != test.reason || !strings.Contains(wait.Message, test.says) {
				t.Errorf("it waits: %q, %q; want %q, %q", wait.Reason, wait.Message, test.reason, test.says)
			}
		})
	}
}

// otherBuild is the attempt after a person has changed the declared build, as the image's new digest tells in these tests.
func otherBuild(f *Facts) {
	f.App.Ref.Digest, f.Image = digestOfAll("9"), single(digestOfAll("9"), "old", "app")
}

func TestWavesOfOneRun(t *testing.T) {
	run := theRun(behind(withTargets(inWave(2, target("last")), inWave(0, target("canary")), inWave(1, target("middle")))))
	if order := run.Spec.Workloads; order[0].Name != "canary" || order[1].Name != "middle" || order[2].Name != "last" {
		t.Fatalf("the workloads are in the order %v", order)
	}
	run.Status.Workloads = []respinv1alpha1.WorkloadStatus{
		{Kind: respinv1alpha1.KindDeployment, Name: "canary", State: respinv1alpha1.WorkloadHealthy},
		{Kind: respinv1alpha1.KindDeployment, Name: "middle", State: respinv1alpha1.WorkloadBaking},
	}
	for _, test := range []struct {
		workload int
		waits    bool
	}{{0, false}, {1, false}, {2, true}} {
		wait := earlierWave(&run, run.Spec.Workloads[test.workload], []respinv1alpha1.PatchRun{run})
		if (wait != nil) != test.waits || wait != nil && !strings.HasPrefix(wait.Message, "Deployment/middle of wave 1") {
			t.Errorf("%s waits: %+v", run.Spec.Workloads[test.workload].Name, wait)
		}
	}
}
