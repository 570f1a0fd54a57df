package plan

import (
	"fmt"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Approval is whether a run's patched image may be rolled out.
type Approval struct {
	// Given is true when it may: without a person, or by one.
	Given   bool
	Reason  string
	Message string
	// By is the person; empty where none had to.
	By string
}

// Approve judges whether a run's image may be rolled out. An approval is for exactly the digest that it names, and by
// whom the API server says: what the approver wrote of themselves counts for nothing.
func Approve(policy *respinv1alpha1.PatchPolicy, run *respinv1alpha1.PatchRun) Approval {
	if policy.Spec.Rollout.Approval != respinv1alpha1.ApprovalManual {
		return Approval{Given: true, Reason: respinv1alpha1.ReasonAutomatic, Message: "the policy has what is verified rolled out"}
	}
	digest := run.Status.Output.Digest
	ask := fmt.Sprintf("kubectl respin approve %s, or kubectl annotate --overwrite patchrun/%s %s=%s", run.Name, run.Name, respinv1alpha1.AnnotationApprove, digest)
	asked, by := run.Annotations[respinv1alpha1.AnnotationApprove], run.Annotations[respinv1alpha1.AnnotationApprovedBy]
	switch {
	case asked == "":
		return Approval{Reason: respinv1alpha1.ReasonAwaitingApproval, Message: "a person has to approve " + run.Status.Output.Image + ": " + ask}
	case asked != digest:
		return Approval{Reason: respinv1alpha1.ReasonOtherDigest, Message: fmt.Sprintf(
			"%s was approved, and what was made is %s: %s", Clip(asked, maxHandled), digest, ask)}
	case by == "":
		return Approval{Reason: respinv1alpha1.ReasonApproverUnknown, Message: fmt.Sprintf(
			"it is not known who approved %s, since the annotation did not pass the operator's webhook; remove the annotation %s and set it again",
			digest, respinv1alpha1.AnnotationApprove)}
	}
	return Approval{Given: true, Reason: respinv1alpha1.ReasonApproved, Message: fmt.Sprintf("%s approved %s", by, digest), By: by}
}
