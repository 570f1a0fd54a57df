package patchrun

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// maxNote is the API's limit on an event's note, in bytes.
const maxNote = 1024

// announce tells of conditions that have changed, in events on the run.
func (r *Reconciler) announce(before, run *respinv1alpha1.PatchRun) {
	for _, c := range run.Status.Conditions {
		old := meta.FindStatusCondition(before.Status.Conditions, c.Type)
		news := old == nil || old.Status != c.Status || old.Reason != c.Reason
		if !news || c.Type == respinv1alpha1.ConditionReconciling || c.Type == respinv1alpha1.ConditionStalled {
			continue
		}
		kind := corev1.EventTypeNormal
		if c.Status == metav1.ConditionFalse {
			kind = corev1.EventTypeWarning
		}
		r.Events.Eventf(run, nil, kind, c.Reason, c.Type, "%s", note(c.Message))
	}
}

// tellWorkload tells of what was done to a workload, in an event on it: there a person looks who wonders.
func (r *Reconciler) tellWorkload(run *respinv1alpha1.PatchRun, w rollout.Workload, reason, action, message string) {
	r.Events.Eventf(w.Object, run, corev1.EventTypeNormal, reason, action, "%s", note("patchrun/"+run.Name+": "+message))
}

func note(message string) string {
	return plan.Clip(message, maxNote)
}
