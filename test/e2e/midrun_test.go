//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
)

func TestTheOlderOfTwoPoliciesKeepsAWorkload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base)
	workload, older, younger := cluster.Deployment("app", app.Reference), newPolicy("b-older", rebuild(app)), newPolicy("a-younger", rebuild(app))
	w.current(older, workload)
	cluster.Pass(t, 1100*time.Millisecond) // creation times are exact to the second
	w.follow(younger)
	w.toldOf(younger, respinv1alpha1.ReasonClaimed, "b-older")

	base.Move("two")
	w.check(younger)
	w.followsTo(w.read(workload), older, app, base, "two")
	if run := w.onlyRun(); run.Spec.Policy.Name != older.Name {
		t.Errorf("the run is the policy %s's", run.Spec.Policy.Name)
	}

	w.Remove(older)
	w.isReady(younger, respinv1alpha1.ReasonUpToDate)
}

func TestASuspendedPolicyDoesNothingUntilItIsResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base)
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
	w.current(policy, workload)
	cluster.Change(w.Namespace, policy, func(p *respinv1alpha1.PatchPolicy) { p.Spec.Suspend = true })
	w.observed(policy)
	w.isReady(policy, respinv1alpha1.ReasonSuspended)

	base.Move("two")
	w.Annotate(policy, respinv1alpha1.AnnotationReconcileAt, "now")
	w.untouched(workload, app)
	if runs := w.runs(); len(runs) != 0 {
		t.Errorf("a suspended policy has %d runs", len(runs))
	}
	cluster.Change(w.Namespace, policy, func(p *respinv1alpha1.PatchPolicy) { p.Spec.Suspend = false })
	w.Says(workload, cluster.Container, "two")
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
}

func TestAWorkloadThatIsDeletedInTheMiddleEndsItsRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.base.Move("two")
	run := s.building()
	s.w.Remove(s.workload)
	s.w.fails(run, respinv1alpha1.ConditionRolledOut, respinv1alpha1.ReasonNothingToUpdate, "deleted")
	s.w.silent()
}

func TestAPolicyThatIsDeletedInTheMiddleLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	t.Run("before a workload is changed", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		s.base.Move("two")
		run := s.building()
		s.w.Remove(s.policy)
		s.w.gone(run)
		s.w.untouched(s.workload, s.app)
	})
	t.Run("while health is waited for", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		s.base.MoveToLacking("two")
		run := s.building()
		cluster.Eventually(t, patchTimeout, "the workload has the patched image", func() string {
			if s.w.Read(s.workload); strings.Contains(cluster.Image(s.workload), "@") {
				return ""
			}
			return cluster.Image(s.workload)
		})
		s.w.Remove(s.policy)
		s.w.gone(run)
		if s.w.Read(s.workload); cluster.Image(s.workload) != s.app.Reference {
			t.Errorf("a broken image was left behind: %s", cluster.Image(s.workload))
		}
	})
}

// building asks for a look at the bases, and waits until the build of the run is under way.
func (s *scene) building() *respinv1alpha1.PatchRun {
	s.w.t.Helper()
	s.w.check(s.policy)
	run := s.w.onlyRun()
	cluster.Eventually(s.w.t, patchTimeout, "the build is under way", func() string {
		if s.w.Read(run); run.Status.Build != nil && run.Status.Build.Steps > 0 {
			return ""
		}
		return "its phase is " + string(run.Status.Phase)
	})
	return run
}

// gone waits until a run does not exist any more.
func (w *world) gone(run *respinv1alpha1.PatchRun) {
	w.t.Helper()
	cluster.Eventually(w.t, patchTimeout, "the run is gone", func() string {
		err := w.Get(w.t.Context(), client.ObjectKeyFromObject(run), run)
		if apierrors.IsNotFound(err) {
			return ""
		}
		return fmt.Sprintf("its phase is %s, %v", run.Status.Phase, err)
	})
}
