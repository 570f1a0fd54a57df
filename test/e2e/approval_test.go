//go:build e2e

package e2e

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
)

// Exactly the digest that a person approves is rolled out, and it is known who that was, whatever they wrote.
func TestAPatchWaitsForApprovalOfItsDigest(t *testing.T) {
	t.Parallel()
	const alice = "alice@example.com"
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.Assemble("app", base, true)
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
	policy.Spec.Rollout.Approval = respinv1alpha1.ApprovalManual
	w.current(policy, workload)

	run := w.moved(policy, base, "two")
	w.awaitsApproval(run, respinv1alpha1.ReasonAwaitingApproval)
	w.Annotate(run, respinv1alpha1.AnnotationApprove, "sha256:"+strings.Repeat("0", 64))
	w.awaitsApproval(run, respinv1alpha1.ReasonOtherDigest)
	w.stays(quietFor/2, workload)
	w.isNotTouched(workload)

	w.approves(alice, run, map[string]string{
		respinv1alpha1.AnnotationApprove: run.Status.Output.Digest, respinv1alpha1.AnnotationApprovedBy: "mallory@example.com",
	})
	w.succeeded(run)
	if a := run.Status.Approval; a == nil || a.By != alice || a.Digest != run.Status.Output.Digest {
		t.Errorf("%s approved %s, and the run tells %+v", alice, run.Status.Output.Digest, a)
	}
	if by := run.Annotations[respinv1alpha1.AnnotationApprovedBy]; by != alice {
		t.Errorf("%s approved, and the run's annotation names %s", alice, by)
	}
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
	w.RolledOut(workload)
	w.Says(workload, cluster.Container, "two")

	w.awaitsApproval(w.moved(policy, base, "three"), respinv1alpha1.ReasonAwaitingApproval)
	w.stays(quietFor/4, workload)
}

// awaitsApproval waits until a run waits for approval, for a reason.
func (w *world) awaitsApproval(run *respinv1alpha1.PatchRun, reason string) {
	w.t.Helper()
	w.runSays(run, respinv1alpha1.ConditionApproved, metav1.ConditionUnknown, reason)
	if run.Status.Phase != respinv1alpha1.PhaseAwaitingApproval {
		w.t.Errorf("a run that waits for approval is %s", run.Status.Phase)
	}
}

// approves has a person write annotations of a run.
func (w *world) approves(person string, run *respinv1alpha1.PatchRun, annotations map[string]string) {
	w.t.Helper()
	w.Read(run)
	before := run.DeepCopy()
	run.SetAnnotations(annotations)
	if err := w.As(w.t, person).Patch(w.t.Context(), run, client.MergeFrom(before)); err != nil {
		w.t.Fatalf("approving as %s: %v", person, err)
	}
}
