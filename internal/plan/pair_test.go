package plan

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestHashesStayAsTheyAreFromReleaseToRelease(t *testing.T) {
	run := theRun(behind())
	// A change here makes every operator that is updated begin every attempt anew, and lift every quarantine.
	if pair := Pair(run.Spec); pair != "96d6cc84a4" {
		t.Errorf("the pair's hash is %s", pair)
	}
	if run.Name != "payments-96d6cc84a4-43b43" {
		t.Errorf("the run's name is %s", run.Name)
	}
}

func TestThePairChangesWithEachOfItsInputsAndWithNothingElse(t *testing.T) {
	type spec = respinv1alpha1.PatchRunSpec
	base := theRun(behind()).Spec
	for sentence, test := range map[string]struct {
		change  func(*spec)
		another bool
	}{
		"the policy":             {func(s *spec) { s.Policy.UID = "another" }, true},
		"the repository":         {func(s *spec) { s.Source.Repository += "x" }, true},
		"the source":             {func(s *spec) { s.Source.Digest = digestOfAll("e") }, true},
		"the base":               {func(s *spec) { s.Base.Image += "x" }, true},
		"the base's digest":      {func(s *spec) { s.Base.To = digestOfAll("e") }, true},
		"what the policy asked":  {func(s *spec) { s.RequestedMethod = "Rebase" }, true},
		"the method taken":       {func(s *spec) { s.Method = "Rebuild" }, false},
		"the checks waived":      {func(s *spec) { s.Allow = []respinv1alpha1.SafetyCheck{"copied-files"} }, true},
		"the digests rebased":    {func(s *spec) { s.Rebase = nil }, false},
		"the build":              {func(s *spec) { s.Build = &respinv1alpha1.BuildSpec{Target: "runtime"} }, true},
		"no build":               {func(s *spec) { s.Build = nil }, true},
		"the output":             {func(s *spec) { s.Output = "registry.example.com/elsewhere:1" }, true},
		"the output's tag":       {func(s *spec) { s.Output = repository + ":another" }, false},
		"the workloads":          {func(s *spec) { s.Workloads = append(s.Workloads, target("new")) }, false},
		"the digest moved from":  {func(s *spec) { s.Base.From = "" }, false},
		"the policy's name":      {func(s *spec) { s.Policy.Name = "another" }, false},
		"the source's tag":       {func(s *spec) { s.Source.Tag = "another" }, false},
		"the words for a person": {func(s *spec) { s.Because.Message, s.MethodReason = "x", "y" }, false},
		"the rollout":            {func(s *spec) { s.Rollout.Rollback = new(bool) }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			changed := base.DeepCopy()
			test.change(changed)
			if another := Pair(*changed) != Pair(base); another != test.another {
				t.Errorf("it is another attempt: %v, want %v", another, test.another)
			}
		})
	}
}

func TestOrderOfArgumentsIsNoMatterToThePair(t *testing.T) {
	one, other := theRun(behind()).Spec, theRun(behind()).Spec
	one.Build = &respinv1alpha1.BuildSpec{Args: map[string]string{"A": "1", "B": "2", "C": "3"}}
	other.Build = &respinv1alpha1.BuildSpec{Args: map[string]string{"C": "3", "B": "2", "A": "1"}}
	if Pair(one) != Pair(other) {
		t.Error("the same arguments are two attempts")
	}
}

// policyNames are names that the API server takes, and of which a part is no name.
func policyNames() []string {
	names := []string{"a", "payments", "team.payments", strings.Repeat("a", 63), strings.Repeat("a", 253), strings.Repeat("a.", 126) + "a"}
	for at := maxPolicyInName - 3; at <= maxPolicyInName+3; at++ {
		for _, odd := range []string{".", "-", "--", "-0-"} {
			names = append(names, strings.Repeat("a", at)+odd+"z", strings.Repeat("a", at)+odd+strings.Repeat("z", 40))
		}
	}
	return names
}

func TestARunsNameAndLabelAreTakenWhateverThePolicysName(t *testing.T) {
	for _, policy := range policyNames() {
		if errs := validation.IsDNS1123Subdomain(policy); errs != nil {
			t.Fatalf("%s is no policy's name: %v", policy, errs)
		}
		run := theRun(behind())
		run.Spec.Policy.Name = policy
		name := runName(&run)
		if errs := append(validation.IsDNS1123Subdomain(name), validation.IsValidLabelValue(name)...); errs != nil {
			t.Errorf("policy %s has a run %s, which is no name: %v", policy, name, errs)
		}
		if errs := validation.IsValidLabelValue(label(policy)); errs != nil {
			t.Errorf("policy %s has the label %s: %v", policy, label(policy), errs)
		}
	}
}

func TestPoliciesWithLongNamesHaveLabelsOfTheirOwn(t *testing.T) {
	long := strings.Repeat("a", 100)
	if one, other := label(long+"1"), label(long+"2"); one == other || len(one) != maxLabel {
		t.Errorf("the labels are %s and %s", one, other)
	}
	if short := strings.Repeat("a", maxLabel); label(short) != short {
		t.Errorf("a name that fits became %s", label(short))
	}
}

func TestARunsNameChangesWithItsWorkloads(t *testing.T) {
	seen := map[string]string{}
	for sentence, targets := range map[string][]respinv1alpha1.WorkloadTarget{
		"one":           {target("api")},
		"two":           {target("api"), target("worker")},
		"another image": {target("api", respinv1alpha1.ContainerTarget{Name: "app", PreviousImage: "other"})},
	} {
		run := theRun(behind())
		run.Spec.Workloads = targets
		name := runName(&run)
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s are both %s", sentence, other, name)
		}
		seen[name] = sentence
	}
}

func TestARunsNameIsTheSameWhateverTheWaveAndOrderAndDiffersByTheWay(t *testing.T) {
	seen := map[string]string{}
	for sentence, test := range map[string]struct {
		targets []respinv1alpha1.WorkloadTarget
		way     respinv1alpha1.RolloutType
		as      string // the sentence of one with the same name
	}{
		"one wave":            {[]respinv1alpha1.WorkloadTarget{target("api"), target("worker")}, respinv1alpha1.RollingUpdate, "one wave"},
		"no way":              {[]respinv1alpha1.WorkloadTarget{target("api"), target("worker")}, "", "one wave"},
		"two waves":           {[]respinv1alpha1.WorkloadTarget{target("api"), inWave(1, target("worker"))}, respinv1alpha1.RollingUpdate, "one wave"},
		"the other way round": {[]respinv1alpha1.WorkloadTarget{inWave(1, target("api")), target("worker")}, respinv1alpha1.RollingUpdate, "one wave"},
		"on restart":          {[]respinv1alpha1.WorkloadTarget{target("api"), target("worker")}, respinv1alpha1.OnRestart, "on restart"},
		"on restart, waves":   {[]respinv1alpha1.WorkloadTarget{inWave(1, target("api")), target("worker")}, respinv1alpha1.OnRestart, "on restart"},
		"pushed only":         {[]respinv1alpha1.WorkloadTarget{target("api"), target("worker")}, respinv1alpha1.NoRollout, "pushed only"},
	} {
		run := theRun(behind(withTargets(test.targets...)))
		run.Spec.Rollout.Type = test.way
		name := runName(&run)
		if other, known := seen[test.as]; known && other != name {
			t.Errorf("%s is %s, and another such is %s", sentence, name, other)
		}
		for as, other := range seen {
			if as != test.as && other == name {
				t.Errorf("%s is %s, as %s is", sentence, name, as)
			}
		}
		seen[test.as] = name
	}
	if one := theRun(behind(withTargets(inWave(3, target("api"))))); one.Name != theRun(behind()).Name {
		t.Errorf("in a wave its name is %s, and without it was %s", one.Name, theRun(behind()).Name)
	}
}

func TestOutput(t *testing.T) {
	validTag := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	for sentence, tag := range map[string]string{
		"a short tag": "1.4", "no tag": "", "the longest tag": strings.Repeat("x", 128),
		"a tag that was patched before": "1.4-respin-0123456789", "a dotted tag": strings.Repeat("1.", 60) + "1",
	} {
		t.Run(sentence, func(t *testing.T) {
			run := theRun(behind(func(f *Facts) { f.App.Ref.Tag = tag }))
			seen := map[string]bool{}
			for _, attempts := range []int32{0, 2, 3, 16, 255, 256, 1000} {
				run.Status.Attempts = attempts
				output := Output(&run)
				if seen[output] {
					t.Errorf("attempt %d pushes to %s, as an earlier one did", attempts, output)
				}
				seen[output] = true
				if tag, ok := strings.CutPrefix(output, repository+":"); !ok || !validTag.MatchString(tag) {
					t.Errorf("attempt %d pushes to %s, which is no tag", attempts, output)
				}
			}
			run.Status.Attempts = 1
			if Output(&run) != run.Spec.Output {
				t.Errorf("the first attempt pushes to %s, want %s", Output(&run), run.Spec.Output)
			}
		})
	}
}

func TestARetrysTagTellsItsAttempt(t *testing.T) {
	run := theRun(behind())
	run.Status.Attempts = 2
	if want := fmt.Sprintf("%s:1.4-respin-%s02", repository, Pair(run.Spec)); Output(&run) != want {
		t.Errorf("the retry pushes to %s, want %s", Output(&run), want)
	}
}
