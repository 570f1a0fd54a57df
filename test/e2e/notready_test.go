//go:build e2e

package e2e

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// A workload that is not healthy before it is patched would not tell anything of the patch: it is left as it is, but
// for who asks for it by force. Here it is the base that keeps it from being ready, and the next that does not.
func TestAWorkloadThatIsUnhealthyBefore(t *testing.T) {
	t.Parallel()
	for name, force := range map[string]bool{"is not touched": false, "is patched by force": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "none")
			base.MoveToUnready("one")
			app := w.Assemble("app", base, true)
			workload, policy := cluster.Deployment("app", app.Reference, cluster.WithReadiness(1, images.Ready)), newPolicy("app", rebuild(app))
			policy.Spec.Rollout.Force = force
			w.Make(workload)
			w.Says(workload, cluster.Container, "one")
			w.follow(policy)
			w.isReady(policy, respinv1alpha1.ReasonUpToDate)

			run := w.moved(policy, base, "two")
			if force {
				w.succeeded(run)
				w.RolledOut(workload)
				w.Says(workload, cluster.Container, "two")
				return
			}
			w.gives(run, respinv1alpha1.ReasonUnhealthyBefore)
			w.check(policy)
			w.stays(quietFor, workload)
			w.isNotTouched(workload)
			if w.Read(run); run.Status.CompletionTime != nil {
				t.Errorf("a run that waits for its workload ended as %s", run.Status.Phase)
			}
		})
	}
}

// With rollout type None the patched image is there for another tool, and the policy names it.
func TestAPatchMayBePushedOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.Assemble("app", base, true)
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
	policy.Spec.Rollout.Type = respinv1alpha1.NoRollout
	w.current(policy, workload)

	run := w.moved(policy, base, "two")
	w.succeeded(run)
	w.gives(run, respinv1alpha1.ReasonPushedOnly)
	w.runSays(run, respinv1alpha1.ConditionVerified, metav1.ConditionTrue, respinv1alpha1.ReasonVerified)
	named := w.imageWith(policy, "is published", func(i respinv1alpha1.ImageStatus) bool {
		return i.Reason == respinv1alpha1.ReasonPublished && i.Patched != ""
	})
	if named.Patched != run.Status.Output.Image {
		t.Errorf("the run has made %s, and the policy names %s", run.Status.Output.Image, named.Patched)
	}
	w.isOnBase(named.Patched, app, base)
	w.check(policy)
	w.stays(quietFor/2, workload)
	w.isNotTouched(workload)
	w.onlyRun()
}
