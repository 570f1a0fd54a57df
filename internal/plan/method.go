package plan

import (
	"fmt"
	"strings"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
)

// Proof is what the safety checks of a rebase came to, with what the rebase would start from.
type Proof struct {
	// From holds the digests of the base that the original image was built on, by platform.
	From []image.Record
	// Results are of every check, on every platform whose base has moved.
	Results []safety.Result
}

// asked is the method that a rule asks for.
func asked(rule *Rule) respinv1alpha1.Method {
	if rule.Spec.Method == "" {
		return respinv1alpha1.MethodAuto
	}
	return rule.Spec.Method
}

// choose takes the method for an image, with the reason for it. Where no method can be used it is Rebase, which the run
// then refuses with every reason there is.
func choose(rule *Rule, proof *Proof) (respinv1alpha1.Method, string) {
	switch wanted := asked(rule); {
	case wanted == respinv1alpha1.MethodRebuild:
		return wanted, "the policy asks for Rebuild"
	case wanted == respinv1alpha1.MethodRebase:
		return wanted, "the policy asks for Rebase" + refused(proof)
	case proof == nil || safety.Allowed(proof.Results):
		return respinv1alpha1.MethodRebase, "every safety check of a rebase passes, or is waived by the policy"
	case rule.Spec.Build != nil:
		return respinv1alpha1.MethodRebuild, "a build is declared" + refused(proof)
	}
	return respinv1alpha1.MethodRebase, "no build is declared" + refused(proof)
}

// refused tells that, and why, a rebase is refused; nothing if it is not.
func refused(proof *Proof) string {
	if proof == nil || safety.Allowed(proof.Results) {
		return ""
	}
	return ", and a rebase is refused: " + Refusals(proof.Results)
}

// Refusals tell why a rebase is refused, every reason there is.
func Refusals(results []safety.Result) string {
	var reasons []string
	for _, check := range Checks(results) {
		if check.Result == respinv1alpha1.CheckRefused {
			reasons = append(reasons, fmt.Sprintf("%s: %s", check.Name, check.Message))
		}
	}
	return strings.Join(reasons, "; ")
}

// Checks are the results as a run's status has them: each check once, with the worst of its results on any platform.
func Checks(results []safety.Result) []respinv1alpha1.CheckStatus {
	var checks []respinv1alpha1.CheckStatus
	at := map[safety.Check]int{}
	for _, result := range results {
		check := respinv1alpha1.CheckStatus{Name: string(result.Check), Result: outcome(result), Message: words(result)}
		i, known := at[result.Check]
		switch {
		case !known:
			at[result.Check] = len(checks)
			checks = append(checks, check)
		case severity[check.Result] > severity[checks[i].Result]:
			checks[i] = check
		}
	}
	return checks
}

var severity = map[respinv1alpha1.CheckResult]int{
	respinv1alpha1.CheckPassed: 0, respinv1alpha1.CheckWaived: 1, respinv1alpha1.CheckRefused: 2,
}

func outcome(result safety.Result) respinv1alpha1.CheckResult {
	switch {
	case result.Passed:
		return respinv1alpha1.CheckPassed
	case result.Waived:
		return respinv1alpha1.CheckWaived
	}
	return respinv1alpha1.CheckRefused
}

// words are a result's reason, with the platform where the check found something.
func words(result safety.Result) string {
	if result.Passed || result.Platform == (image.Platform{}) {
		return Clip(result.Reason, maxMessage)
	}
	return Clip(fmt.Sprintf("on %s %s", result.Platform, result.Reason), maxMessage)
}
