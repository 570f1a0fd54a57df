package patchrun

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// refusal tells whether the API server, or someone whom it asks, does not let a workload have the image. Other errors
// pass: a conflict, too many requests, a server that is not there.
func refusal(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	code := status.Status().Code
	return code >= 400 && code < 500 && !apierrors.IsConflict(err) && !apierrors.IsTooManyRequests(err)
}

// refused tries again, ever more slowly, for as long as a workload may take to be healthy. Then the run is over: a
// workload that nothing can be given to must not keep the others from their turn.
func (r *Reconciler) refused(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus, err error) outcome {
	since, timeout := r.Now().Sub(status.Since.Time), run.Spec.Rollout.HealthTimeout.Duration
	message := fmt.Sprintf("it could not be given the patched image: %v", err)
	if since < timeout {
		status.Reason, status.Message = respinv1alpha1.ReasonRefused, plan.Clip(message, maxWorkloadMessage)
		return outcome{after: min(plan.Backoff(since), timeout-since)}
	}
	r.mark(status, respinv1alpha1.WorkloadUnhealthy, respinv1alpha1.ReasonRefused, message)
	r.set(run, respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, respinv1alpha1.ReasonRefused,
		fmt.Sprintf("%s: %s", rollout.Label(target.Kind, target.Name), message))
	return outcome{}
}
