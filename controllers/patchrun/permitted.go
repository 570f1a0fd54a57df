package patchrun

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// permitted tells whether a run may go on. One that may have changed a workload, or has pods patched as they start, always
// does, to its end: until the workload is judged, stopping would leave it half done. Any other stops when its policy is
// gone, and waits while its policy is suspended; once it rolls out, each workload that is not begun waits by itself, and no
// more for its turn.
func (r *Reconciler) permitted(ctx context.Context, run *respinv1alpha1.PatchRun) (bool, error) {
	if plan.Begun(run) || plan.Opened(run) {
		return true, nil
	}
	if !run.DeletionTimestamp.IsZero() {
		r.Builds.Cancel(client.ObjectKeyFromObject(run))
		return false, nil
	}
	policy, err := r.policy(ctx, run)
	switch {
	case err != nil:
		return false, err
	case policy == nil:
		r.Builds.Cancel(client.ObjectKeyFromObject(run))
		r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonPolicyGone,
			fmt.Sprintf("the policy %s was deleted before the run changed anything", run.Spec.Policy.Name))
		return false, nil
	case policy.Spec.Suspend && !plan.RollingOut(run):
		r.Builds.Cancel(client.ObjectKeyFromObject(run))
		r.set(run, plan.NextStep(run), metav1.ConditionUnknown, respinv1alpha1.ReasonSuspended,
			fmt.Sprintf("the policy %s is suspended; the run goes on when spec.suspend is false", policy.Name))
		return false, nil
	}
	return true, nil
}

// policy is the run's policy, nil if it is gone. Another one of the same name is not it.
func (r *Reconciler) policy(ctx context.Context, run *respinv1alpha1.PatchRun) (*respinv1alpha1.PatchPolicy, error) {
	var policy respinv1alpha1.PatchPolicy
	key := client.ObjectKey{Namespace: run.Namespace, Name: run.Spec.Policy.Name}
	err := r.Get(ctx, key, &policy)
	if apierrors.IsNotFound(err) { // that ends the run for good: the cache's word is not enough
		err = r.Live.Get(ctx, key, &policy)
	}
	if apierrors.IsNotFound(err) || err == nil && policy.UID != run.Spec.Policy.UID {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy %s: %w", run.Spec.Policy.Name, err)
	}
	return &policy, nil
}
