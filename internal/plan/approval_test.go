package plan

import (
	"strings"
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestApprove(t *testing.T) {
	manual := func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Approval = respinv1alpha1.ApprovalManual }
	automatic := func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Approval = respinv1alpha1.ApprovalAutomatic }
	approved := func(digest, by string) map[string]string {
		return map[string]string{respinv1alpha1.AnnotationApprove: digest, respinv1alpha1.AnnotationApprovedBy: by}
	}
	for sentence, test := range map[string]struct {
		policy      *respinv1alpha1.PatchPolicy
		annotations map[string]string
		want        Approval // its message is what is to be said
	}{
		"without a word from the policy nobody has to":  {payments(), nil, Approval{Given: true, Reason: respinv1alpha1.ReasonAutomatic, Message: "what is verified"}},
		"where it is automatic nobody has to":           {payments(automatic), nil, Approval{Given: true, Reason: respinv1alpha1.ReasonAutomatic}},
		"and who did all the same is no matter":         {payments(automatic), approved(patched1, "ann"), Approval{Given: true, Reason: respinv1alpha1.ReasonAutomatic}},
		"where it is manual a person is waited for":     {payments(manual), nil, Approval{Reason: respinv1alpha1.ReasonAwaitingApproval, Message: "respin.dev/approve=" + patched1}},
		"who is told of a command for it":               {payments(manual), nil, Approval{Reason: respinv1alpha1.ReasonAwaitingApproval, Message: "kubectl respin approve r"}},
		"who approves the digest lets it go":            {payments(manual), approved(patched1, "ann"), Approval{Given: true, Reason: respinv1alpha1.ReasonApproved, Message: "ann approved " + patched1, By: "ann"}},
		"another digest's approval is none":             {payments(manual), approved(patched2, "ann"), Approval{Reason: respinv1alpha1.ReasonOtherDigest, Message: patched2 + " was approved, and what was made is " + patched1}},
		"nor is that of a part of the digest":           {payments(manual), approved(patched1[:20], "ann"), Approval{Reason: respinv1alpha1.ReasonOtherDigest}},
		"nor that of the image by its name":             {payments(manual), approved(repository+":1.4@"+patched1, "ann"), Approval{Reason: respinv1alpha1.ReasonOtherDigest}},
		"nor a yes":                                     {payments(manual), approved("true", "ann"), Approval{Reason: respinv1alpha1.ReasonOtherDigest, Message: "true was approved"}},
		"an approval of whose it is not known is none":  {payments(manual), approved(patched1, ""), Approval{Reason: respinv1alpha1.ReasonApproverUnknown, Message: "remove the annotation respin.dev/approve and set it again"}},
		"who approves nothing has approved nothing":     {payments(manual), approved("", "ann"), Approval{Reason: respinv1alpha1.ReasonAwaitingApproval}},
		"what was approved in too many words is cut":    {payments(manual), approved(strings.Repeat("ü", 5000), "ann"), Approval{Reason: respinv1alpha1.ReasonOtherDigest, Message: "… was approved"}},
		"an annotation of the approver alone is no one": {payments(manual), map[string]string{respinv1alpha1.AnnotationApprovedBy: "ann"}, Approval{Reason: respinv1alpha1.ReasonAwaitingApproval}},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := theRun(behind(), making(patched1), named("r"))
			run.Annotations = test.annotations
			found := Approve(test.policy, &run)
			if found.Given != test.want.Given || found.Reason != test.want.Reason || found.By != test.want.By || !strings.Contains(found.Message, test.want.Message) {
				t.Errorf("it is %+v, want %+v", found, test.want)
			}
			if len(found.Message) > maxCondition {
				t.Errorf("%d bytes are told", len(found.Message))
			}
		})
	}
}
