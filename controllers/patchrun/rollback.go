package patchrun

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// rollback puts the previous image back into the workload that was not healthy, and closes the run. Workloads that are
// healthy on the patched image keep it; those that were not reached are not touched.
func (r *Reconciler) rollback(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	why := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionHealthy)
	if run.Spec.Rollout.Rollback != nil && !*run.Spec.Rollout.Rollback {
		r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, why.Reason,
			why.Message+"; the patched image was left in place, since rollout.rollback is false")
		return outcome{}, nil
	}
	for _, target := range run.Spec.Workloads {
		status := statusOf(run, target)
		if status.State != respinv1alpha1.WorkloadUnhealthy {
			continue
		}
		if err := r.takeBack(ctx, run, target, status); err != nil {
			r.set(run, respinv1alpha1.ConditionRolledBack, metav1.ConditionUnknown, respinv1alpha1.ReasonRollingBack,
				fmt.Sprintf("%s; its previous image could not be put back yet: %v", why.Message, err))
			return outcome{}, err
		}
		r.tookBack(run, target, status, why)
		return outcome{}, nil
	}
	r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, why.Reason, why.Message)
	return outcome{}, nil
}

// tookBack closes a run after its workload was given its previous image back, or was found to be someone else's.
func (r *Reconciler) tookBack(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget,
	status *respinv1alpha1.WorkloadStatus, why *metav1.Condition) {
	reason := why.Reason
	meta.RemoveStatusCondition(&run.Status.Conditions, respinv1alpha1.ConditionRolledBack)
	if status.State == respinv1alpha1.WorkloadRolledBack {
		reason = respinv1alpha1.ReasonRolledBack
		r.set(run, respinv1alpha1.ConditionRolledBack, metav1.ConditionTrue, reason,
			fmt.Sprintf("%s: %s", rollout.Label(target.Kind, target.Name), status.Message))
	}
	r.set(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, reason,
		fmt.Sprintf("%s; %s", why.Message, status.Message))
}

// takeBack puts the previous image back, if the patched one is still in the template: what someone else put there
// since is theirs.
func (r *Reconciler) takeBack(ctx context.Context, run *respinv1alpha1.PatchRun,
	target respinv1alpha1.WorkloadTarget, status *respinv1alpha1.WorkloadStatus) error {
	w, err := r.find(ctx, run, target)
	switch {
	case err != nil:
		return err
	case w == nil:
		r.mark(status, respinv1alpha1.WorkloadSkipped, "it was deleted meanwhile")
		return nil
	case has(*w, previous(target)): // put back by an earlier start of this run, or by a person
	case !has(*w, patched(run, target)):
		r.mark(status, respinv1alpha1.WorkloadSkipped, "someone changed its image meanwhile; it was left as it is")
		return nil
	default:
		if err := rollout.SetImages(ctx, r.Client, *w, previous(target)); err != nil {
			return err
		}
		r.tellWorkload(run, *w, respinv1alpha1.ReasonRolledBack, "Rollback", "given its previous image back: "+status.Message)
	}
	r.mark(status, respinv1alpha1.WorkloadRolledBack, "its previous image was put back"+leftToDo(target.Kind))
	return nil
}

// leftToDo is what a person has to do after a rollback: a StatefulSet waits for a broken pod to become ready before it
// replaces it, and Respin may not delete pods. See "Forced rollback" in Kubernetes' documentation of StatefulSets.
func leftToDo(kind respinv1alpha1.WorkloadKind) string {
	if kind != respinv1alpha1.KindStatefulSet {
		return ""
	}
	return "; delete the pod that is not ready: a StatefulSet does not replace it by itself"
}
