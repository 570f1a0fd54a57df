package plan

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Observation is everything that a policy's conditions are derived from.
type Observation struct {
	Images []respinv1alpha1.ImageStatus
	Claims []Claim
	// Mistakes are what is wrong with the policy's spec itself.
	Mistakes []Problem
}

// Summarize counts images by their state.
func Summarize(images []respinv1alpha1.ImageStatus) respinv1alpha1.ImageSummary {
	summary := respinv1alpha1.ImageSummary{Images: int32(len(images))}
	counters := map[respinv1alpha1.ImageState]*int32{
		respinv1alpha1.ImageCurrent:  &summary.Current,
		respinv1alpha1.ImageBehind:   &summary.Behind,
		respinv1alpha1.ImagePatching: &summary.Patching,
		respinv1alpha1.ImageHeld:     &summary.Held,
		respinv1alpha1.ImageFailed:   &summary.Failed,
		respinv1alpha1.ImageUnknown:  &summary.Unknown,
	}
	for i := range images {
		*counters[images[i].State]++
	}
	return summary
}

// Conditions are a policy's conditions. Ready is always among them; Reconciling, Stalled and Degraded only while they
// are True, as kstatus has it.
func Conditions(seen Observation) []metav1.Condition {
	conditions := []metav1.Condition{ready(seen)}
	if image := first(seen.Images, respinv1alpha1.ImagePatching); image != nil {
		conditions = append(conditions, isTrue(respinv1alpha1.ConditionReconciling, respinv1alpha1.ReasonPatching, image.Message))
	}
	if len(seen.Mistakes) > 0 {
		conditions = append(conditions, isTrue(respinv1alpha1.ConditionStalled, seen.Mistakes[0].Reason, messages(seen.Mistakes)))
	}
	if problems := degradations(seen); len(problems) > 0 {
		conditions = append(conditions, isTrue(respinv1alpha1.ConditionDegraded, problems[0].Reason, messages(problems)))
	}
	return conditions
}

// SuspendedConditions are the conditions of a policy that is suspended: Ready, since it is left alone on purpose.
func SuspendedConditions() []metav1.Condition {
	return []metav1.Condition{isTrue(respinv1alpha1.ConditionReady, respinv1alpha1.ReasonSuspended,
		"suspended: no base is checked and nothing is patched until spec.suspend is false")}
}

// ready tells the worst thing first: what a person has to mend, then what they may have to, then what is under way.
func ready(seen Observation) metav1.Condition {
	if len(seen.Mistakes) > 0 {
		return notReady(seen.Mistakes[0].Reason, messages(seen.Mistakes))
	}
	worst := []respinv1alpha1.ImageState{
		respinv1alpha1.ImageFailed, respinv1alpha1.ImageUnknown, respinv1alpha1.ImageBehind, respinv1alpha1.ImagePatching,
	}
	for _, state := range worst {
		if image := first(seen.Images, state); image != nil {
			return notReady(image.Reason, tell(seen.Images, state, image.Message))
		}
	}
	if image := conflict(seen.Images); image != nil {
		return notReady(image.Reason, image.Message)
	}
	return allCurrent(seen)
}

// conflict is an image that is held against the policy's will: a GitOps controller puts it back.
func conflict(images []respinv1alpha1.ImageStatus) *respinv1alpha1.ImageStatus {
	for i := range images {
		if images[i].State == respinv1alpha1.ImageHeld && images[i].Reason == respinv1alpha1.ReasonGitOpsConflict {
			return &images[i]
		}
	}
	return nil
}

func allCurrent(seen Observation) metav1.Condition {
	summary := Summarize(seen.Images)
	switch {
	case summary.Images == 0 && len(seen.Claims) > 0:
		return notReady(respinv1alpha1.ReasonClaimed, claimed(seen.Claims).Message)
	case summary.Images == 0:
		return isTrue(respinv1alpha1.ConditionReady, respinv1alpha1.ReasonNoImages,
			"the selected workloads run no image that a rule matches")
	case summary.Held > 0:
		return isTrue(respinv1alpha1.ConditionReady, respinv1alpha1.ReasonUpToDate,
			fmt.Sprintf("%d of %d images are current and %d are held", summary.Current, summary.Images, summary.Held))
	}
	return isTrue(respinv1alpha1.ConditionReady, respinv1alpha1.ReasonUpToDate,
		fmt.Sprintf("every image is current (%d)", summary.Images))
}

// degradations are the parts of what the policy asks for that could not be done.
func degradations(seen Observation) []Problem {
	var problems []Problem
	for i := range seen.Images {
		switch image := &seen.Images[i]; image.State {
		case respinv1alpha1.ImageFailed, respinv1alpha1.ImageUnknown:
			problems = append(problems, Problem{image.Reason, image.Message})
		case respinv1alpha1.ImageBehind:
			if onItsWay[image.Reason] {
				continue
			}
			problems = append(problems, Problem{image.Reason, image.Message})
		}
	}
	if image := conflict(seen.Images); image != nil {
		problems = append(problems, Problem{image.Reason, image.Message})
	}
	if len(seen.Claims) > 0 {
		problems = append(problems, claimed(seen.Claims))
	}
	return problems
}

// onItsWay are the reasons for which an image is behind as its policy wants it.
var onItsWay = map[string]bool{
	respinv1alpha1.ReasonSettling: true, respinv1alpha1.ReasonSoaking: true, respinv1alpha1.ReasonPublished: true,
}

func claimed(claims []Claim) Problem {
	return Problem{respinv1alpha1.ReasonClaimed, fmt.Sprintf(
		"%s is kept patched by the older policy %s and not by this one; narrow spec.workloads.selector of one of them%s",
		claims[0].Workload, claims[0].By, more(len(claims)-1, "workload is", "workloads are"))}
}

func first(images []respinv1alpha1.ImageStatus, state respinv1alpha1.ImageState) *respinv1alpha1.ImageStatus {
	for i := range images {
		if images[i].State == state {
			return &images[i]
		}
	}
	return nil
}

func tell(images []respinv1alpha1.ImageStatus, state respinv1alpha1.ImageState, message string) string {
	count := 0
	for i := range images {
		if images[i].State == state {
			count++
		}
	}
	return message + more(count-1, "image is", "images are")
}

// more says that there are others beside the one that was told of.
func more(count int, one, many string) string {
	switch {
	case count <= 0:
		return ""
	case count == 1:
		return fmt.Sprintf(" (1 more %s in this state)", one)
	}
	return fmt.Sprintf(" (%d more %s in this state)", count, many)
}

func messages(problems []Problem) string {
	all := make([]string, 0, len(problems))
	for _, p := range problems {
		all = append(all, p.Message)
	}
	return Clip(strings.Join(all, "; "), maxCondition)
}

func isTrue(kind, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: reason, Message: Clip(message, maxCondition)}
}

func notReady(reason, message string) metav1.Condition {
	return metav1.Condition{Type: respinv1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason, Message: Clip(message, maxCondition)}
}
