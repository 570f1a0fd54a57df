package patchrun

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// approve waits, where the policy wants it, for a person to approve exactly what was verified. Who did is written into
// the status before anything is rolled out.
func (r *Reconciler) approve(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	policy, err := r.policy(ctx, run)
	if err != nil || policy == nil {
		return outcome{}, err // without a policy the run does not get here again
	}
	approval := plan.Approve(policy, run)
	if !approval.Given {
		r.set(run, respinv1alpha1.ConditionApproved, metav1.ConditionUnknown, approval.Reason, approval.Message)
		return outcome{}, nil
	}
	if approval.By != "" {
		run.Status.Approval = &respinv1alpha1.ApprovalStatus{
			Digest: run.Status.Output.Digest, By: plan.Clip(approval.By, maxApprover), Time: metav1.NewTime(r.Now()),
		}
	}
	r.set(run, respinv1alpha1.ConditionApproved, metav1.ConditionTrue, approval.Reason, approval.Message)
	return outcome{}, nil
}

// maxApprover is how many bytes of an approver's name the API takes.
const maxApprover = 512
