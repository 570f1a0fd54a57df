package plan

import (
	"strings"
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
)

// results are of one check each, on a platform each: passed unless they are told otherwise.
func proven(results ...safety.Result) *Proof {
	passed := safety.Result{Check: safety.Layers, Platform: amd64, Passed: true, Reason: "they fit"}
	return &Proof{From: []image.Record{{Platform: amd64, Digest: oldBase}}, Results: append([]safety.Result{passed}, results...)}
}

var (
	rewritten = safety.Result{Check: safety.Paths, Platform: amd64, Reason: "etc/motd is rewritten"}
	waived    = safety.Result{Check: safety.Paths, Platform: amd64, Waived: true, Reason: "etc/motd is rewritten"}
)

func TestTheMethodThatIsTaken(t *testing.T) {
	for sentence, test := range map[string]struct {
		asked   respinv1alpha1.Method
		noBuild bool
		proof   *Proof
		method  respinv1alpha1.Method
		says    string
	}{
		"Auto rebases where every check passes":        {proof: proven(), method: respinv1alpha1.MethodRebase, says: "every safety check"},
		"Auto rebases where the owner waives the rest": {proof: proven(waived), method: respinv1alpha1.MethodRebase, says: "waived"},
		"Auto builds where a rebase is refused": {
			proof: proven(rewritten), method: respinv1alpha1.MethodRebuild, says: "etc/motd is rewritten",
		},
		"Auto without a build leaves it to the run to fail": {
			noBuild: true, proof: proven(rewritten), method: respinv1alpha1.MethodRebase, says: "no build",
		},
		"Rebase never builds": {
			asked: respinv1alpha1.MethodRebase, proof: proven(rewritten), method: respinv1alpha1.MethodRebase, says: "asks for Rebase",
		},
		"Rebuild never rebases": {asked: respinv1alpha1.MethodRebuild, method: respinv1alpha1.MethodRebuild, says: "asks for Rebuild"},
	} {
		t.Run(sentence, func(t *testing.T) {
			policy := payments(func(p *respinv1alpha1.PatchPolicy) {
				p.Spec.Images[0].Method = test.asked
				if test.noBuild {
					p.Spec.Images[0].Build = nil
				}
			})
			run := Judge(policy, ruleOf(policy), behind(func(f *Facts) { f.Proof = test.proof }), nil).Create
			if run == nil {
				t.Fatal("there is no run")
			}
			if run.Spec.Method != test.method || !strings.Contains(run.Spec.MethodReason, test.says) {
				t.Errorf("it is %s, because %s", run.Spec.Method, run.Spec.MethodReason)
			}
			if rebases := run.Spec.Rebase != nil; rebases != (test.method == respinv1alpha1.MethodRebase) {
				t.Errorf("a rebase is declared: %v", rebases)
			}
		})
	}
}

// The layers of an image are only read where there is a run to create.
func TestAProofIsNeededForARunThatMayRebase(t *testing.T) {
	begunFor := theRun(behind(), named("begun"))
	for sentence, test := range map[string]struct {
		change func(*respinv1alpha1.PatchPolicy)
		proof  *Proof
		runs   []respinv1alpha1.PatchRun
		needed bool
	}{
		"for the first attempt":                        {needed: true},
		"not for one that was looked at":               {proof: proven()},
		"not for one that is under way":                {runs: []respinv1alpha1.PatchRun{begunFor}},
		"not where the policy wants the image rebuilt": {change: func(p *respinv1alpha1.PatchPolicy) { p.Spec.Images[0].Method = "Rebuild" }},
	} {
		t.Run(sentence, func(t *testing.T) {
			policy := payments()
			if test.change != nil {
				test.change(policy)
			}
			decision := Judge(policy, ruleOf(policy), behind(func(f *Facts) { f.Proof = test.proof }), test.runs)
			if decision.NeedsProof != test.needed {
				t.Errorf("a proof is needed: %v", decision.NeedsProof)
			}
		})
	}
}

func TestChecksTellTheWorstOfAllPlatforms(t *testing.T) {
	arm := rewritten
	arm.Platform, arm.Reason = arm64, "etc/hosts is rewritten"
	passes := safety.Result{Check: safety.Paths, Platform: amd64, Passed: true, Reason: "nothing is rewritten"}
	for sentence, test := range map[string]struct {
		results []safety.Result
		result  respinv1alpha1.CheckResult
		message string
	}{
		"one that passes everywhere":       {[]safety.Result{passes}, respinv1alpha1.CheckPassed, "nothing is rewritten"},
		"one that is refused somewhere":    {[]safety.Result{passes, arm}, respinv1alpha1.CheckRefused, "on linux/arm64 etc/hosts is rewritten"},
		"one that is waived somewhere":     {[]safety.Result{passes, waived}, respinv1alpha1.CheckWaived, "on linux/amd64 etc/motd is rewritten"},
		"the first of those refused":       {[]safety.Result{rewritten, arm}, respinv1alpha1.CheckRefused, "on linux/amd64 etc/motd is rewritten"},
		"refused before what is waived is": {[]safety.Result{waived, arm}, respinv1alpha1.CheckRefused, "on linux/arm64 etc/hosts is rewritten"},
	} {
		t.Run(sentence, func(t *testing.T) {
			checks := Checks(test.results)
			if len(checks) != 1 || checks[0].Name != "paths" || checks[0].Result != test.result || checks[0].Message != test.message {
				t.Errorf("the checks are %+v", checks)
			}
		})
	}
}
