package plan

import (
	"fmt"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
)

// Problem is something that a person has to look at, with its reason and words that say what to do.
type Problem struct {
	Reason  string
	Message string
}

// Rule is a policy's rule for images, checked and with its references parsed.
type Rule struct {
	Spec   respinv1alpha1.ImageRule
	Base   *image.Reference
	Output string
	// Problem is what is wrong with the rule itself: images that it fits are not touched.
	Problem *Problem
}

// Rules checks a policy's rules. Without any, one rule fits every image.
func Rules(spec respinv1alpha1.PatchPolicySpec) []Rule {
	if len(spec.Images) == 0 {
		return []Rule{{Spec: respinv1alpha1.ImageRule{Method: respinv1alpha1.MethodAuto}}}
	}
	rules := make([]Rule, 0, len(spec.Images))
	for i := range spec.Images {
		rules = append(rules, checkRule(fmt.Sprintf("spec.images[%d]", i), spec.Images[i]))
	}
	checkOutputs(rules)
	return rules
}

// checkOutputs finds rules that push to the same repository: of an image there it could not be told which of them made it.
func checkOutputs(rules []Rule) {
	first := map[string]int{}
	for i := range rules {
		if rules[i].Output == "" {
			continue
		}
		other, shared := first[rules[i].Output]
		if !shared {
			first[rules[i].Output] = i
			continue
		}
		problem := &Problem{respinv1alpha1.ReasonSharedOutput, fmt.Sprintf(
			"spec.images[%d].output.repository: spec.images[%d] pushes to %s as well, and of an image there it could not be told "+
				"which of the rules it is for; give each a repository of its own", i, other, rules[i].Output)}
		rules[i].Problem, rules[other].Problem = problem, problem
	}
}

func checkRule(path string, spec respinv1alpha1.ImageRule) Rule {
	rule := Rule{Spec: spec}
	for _, check := range []func(*Rule, string) *Problem{checkMatch, checkBase, checkOutput, checkAllow} {
		if rule.Problem = check(&rule, path); rule.Problem != nil {
			break
		}
	}
	return rule
}

func checkMatch(rule *Rule, path string) *Problem {
	if rule.Spec.Match == "" {
		return nil
	}
	if _, err := image.MatchRepository(rule.Spec.Match, "example.com/image"); err != nil {
		return &Problem{respinv1alpha1.ReasonInvalidMatch, fmt.Sprintf("%s.match: %v", path, err)}
	}
	return nil
}

func checkBase(rule *Rule, path string) *Problem {
	if rule.Spec.Base == nil {
		return nil
	}
	base, err := image.ParseReference(rule.Spec.Base.Image)
	if err != nil {
		return &Problem{respinv1alpha1.ReasonInvalidReference, fmt.Sprintf("%s.base.image: %v", path, err)}
	}
	rule.Base = &base
	return nil
}

func checkOutput(rule *Rule, path string) *Problem {
	if rule.Spec.Output == nil {
		return nil
	}
	output, err := image.ParseReference(rule.Spec.Output.Repository)
	if err != nil {
		return &Problem{respinv1alpha1.ReasonInvalidReference, fmt.Sprintf("%s.output.repository: %v", path, err)}
	}
	rule.Output = output.Repository
	if rule.Base != nil && rule.Base.Repository == rule.Output {
		return outputIsBase(path+".output.repository", *rule.Base)
	}
	return nil
}

func checkAllow(rule *Rule, path string) *Problem {
	for _, name := range rule.Spec.Allow {
		if check := safety.Check(name); !safety.Waivable(check) {
			return &Problem{respinv1alpha1.ReasonInvalidCheck, fmt.Sprintf(
				"%s.allow: %q is not a check that can be waived; write one of %s", path, name, safety.WaivableNames())}
		}
	}
	return nil
}

func outputIsBase(where string, base image.Reference) *Problem {
	return &Problem{respinv1alpha1.ReasonOutputIsBase, fmt.Sprintf(
		"%s: patched images would be pushed to %s, which is the base's own repository; set output.repository to another one",
		where, base.Repository)}
}

// OutputSpec is what a rule says of where images are pushed; nil where it says nothing, or there is no rule.
func (r *Rule) OutputSpec() *respinv1alpha1.OutputSpec {
	if r == nil {
		return nil
	}
	return r.Spec.Output
}

// RuleFor is the first rule that fits an image's repository, nil if none does. A rule fits what it has pushed itself,
// too: else an image that is patched into another repository would be patched once and never again.
func RuleFor(rules []Rule, repository string) *Rule {
	for i := range rules {
		if rules[i].fits(repository) {
			return &rules[i]
		}
	}
	return nil
}

// RuleOf is the rule that a run was made by: the first that fits its source and pushes where the run does; nil if none
// does any more.
func RuleOf(rules []Rule, run *respinv1alpha1.PatchRun) *Rule {
	output, err := image.ParseReference(run.Spec.Output)
	if err != nil {
		return nil
	}
	source := AppImage{Ref: image.Reference{Repository: run.Spec.Source.Repository}}
	for i := range rules {
		if rules[i].fits(source.Ref.Repository) && outputRepository(&rules[i], source) == output.Repository {
			return &rules[i]
		}
	}
	return nil
}

func (r *Rule) fits(repository string) bool {
	if r.Spec.Match == "" || r.Output == repository {
		return true
	}
	ok, err := image.MatchRepository(r.Spec.Match, repository)
	return err == nil && ok
}
