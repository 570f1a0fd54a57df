package plan

import (
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestRules(t *testing.T) {
	for sentence, test := range map[string]struct {
		rule   respinv1alpha1.ImageRule
		reason string
	}{
		"an empty rule is right": {},
		"a base is parsed":       {rule: respinv1alpha1.ImageRule{Base: &respinv1alpha1.BaseImage{Image: "debian:12"}}},
		"a match that is no glob": {
			respinv1alpha1.ImageRule{Match: "registry.example.com/[a"}, respinv1alpha1.ReasonInvalidMatch,
		},
		"a base that cannot be parsed": {
			respinv1alpha1.ImageRule{Base: &respinv1alpha1.BaseImage{Image: "registry.example.com/Debian:12"}},
			respinv1alpha1.ReasonInvalidReference,
		},
		"an output that cannot be parsed": {
			respinv1alpha1.ImageRule{Output: &respinv1alpha1.OutputSpec{Repository: "registry.example.com/Api"}},
			respinv1alpha1.ReasonInvalidReference,
		},
		"an output that is the base's repository in another spelling": {
			respinv1alpha1.ImageRule{
				Base:   &respinv1alpha1.BaseImage{Image: "debian:12"},
				Output: &respinv1alpha1.OutputSpec{Repository: "docker.io/library/debian"},
			}, respinv1alpha1.ReasonOutputIsBase,
		},
		"a check may be waived": {respinv1alpha1.ImageRule{Allow: []respinv1alpha1.SafetyCheck{"copied-files"}}, ""},
		"a check that there is not may not": {
			respinv1alpha1.ImageRule{Allow: []respinv1alpha1.SafetyCheck{"everything"}}, respinv1alpha1.ReasonInvalidCheck,
		},
		"that the layers fit may not": {
			respinv1alpha1.ImageRule{Allow: []respinv1alpha1.SafetyCheck{"layers"}}, respinv1alpha1.ReasonInvalidCheck,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			rules := Rules(respinv1alpha1.PatchPolicySpec{Images: []respinv1alpha1.ImageRule{test.rule}})
			reason := ""
			if rules[0].Problem != nil {
				reason = rules[0].Problem.Reason
			}
			if reason != test.reason {
				t.Errorf("the problem is %q, want %q", reason, test.reason)
			}
		})
	}
}

func TestTwoRulesDoNotPushToOneRepository(t *testing.T) {
	output := &respinv1alpha1.OutputSpec{Repository: "registry.example.com/patched"}
	rules := Rules(respinv1alpha1.PatchPolicySpec{Images: []respinv1alpha1.ImageRule{
		{Match: "registry.example.com/a", Output: output}, {Match: "registry.example.com/c"}, {Match: "registry.example.com/b", Output: output},
	}})
	for at, wrong := range []bool{true, false, true} {
		if told := rules[at].Problem != nil && rules[at].Problem.Reason == respinv1alpha1.ReasonSharedOutput; told != wrong {
			t.Errorf("rule %d has the problem %+v", at, rules[at].Problem)
		}
	}
}

// Credentials for pushing are those of the rule that a run pushes for, whatever became of the policy since.
func TestTheRuleOfARun(t *testing.T) {
	elsewhere := &respinv1alpha1.OutputSpec{Repository: "registry.example.com/patched"}
	run := &respinv1alpha1.PatchRun{Spec: respinv1alpha1.PatchRunSpec{
		Source: respinv1alpha1.SourceImage{Repository: repository}, Output: "registry.example.com/patched:1",
	}}
	for sentence, test := range map[string]struct {
		rules []respinv1alpha1.ImageRule
		at    int
	}{
		"the one that pushes there":               {[]respinv1alpha1.ImageRule{{Output: elsewhere}}, 0},
		"one behind another that was put before":  {[]respinv1alpha1.ImageRule{{}, {Output: elsewhere}}, 1},
		"none, where the rule pushes elsewhere":   {[]respinv1alpha1.ImageRule{{}}, -1},
		"none, where it fits other images by now": {[]respinv1alpha1.ImageRule{{Match: "example.com/other", Output: elsewhere}}, -1},
	} {
		t.Run(sentence, func(t *testing.T) {
			rules := Rules(respinv1alpha1.PatchPolicySpec{Images: test.rules})
			found := RuleOf(rules, run)
			if test.at < 0 && found != nil || test.at >= 0 && found != &rules[test.at] {
				t.Errorf("found %+v", found)
			}
		})
	}
}

func TestRuleFor(t *testing.T) {
	rules := Rules(respinv1alpha1.PatchPolicySpec{Images: []respinv1alpha1.ImageRule{
		{Match: "registry.example.com/[a"}, // is told of, and fits nothing
		{Match: "registry.example.com/*"},
		{Match: "registry.example.com/**"},
		{Match: "nginx"},
		{Match: "quay.io/team/*", Output: &respinv1alpha1.OutputSpec{Repository: "ghcr.io/patched/team"}},
	}})
	for sentence, test := range map[string]struct {
		repository string
		rule       *Rule
	}{
		"a star stops at a slash":           {"registry.example.com/payments/api", &rules[2]},
		"the first that fits is used":       {"registry.example.com/api", &rules[1]},
		"a short name fits the hub's":       {"docker.io/library/nginx", &rules[3]},
		"none fits what none of them names": {"quay.io/other", nil},
		"a rule fits what it pushes itself": {"ghcr.io/patched/team", &rules[4]},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := RuleFor(rules, test.repository); found != test.rule {
				t.Errorf("found %+v, want %+v", found, test.rule)
			}
		})
	}
	if RuleFor(Rules(respinv1alpha1.PatchPolicySpec{}), "anything/at/all") == nil {
		t.Error("without rules, one has to fit every image")
	}
}
