//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// A patched image that does not come up is taken back, to the letter, and is not tried again by itself.
func TestAPatchThatDoesNotComeUpIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct {
		move  func(*images.Base) string
		words string
	}{
		"because the new base lacks what the app runs": {
			func(b *images.Base) string { return b.MoveToLacking("two") }, "/bin/start",
		},
		"because it ends at once on the new base": {
			func(b *images.Base) string { return b.MoveToCrashing("two", "no library") }, "exit code 3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app := w.App("app", base)
			// A container that ends at once must not be seen ready before that.
			workload := cluster.Deployment("app", app.Reference, cluster.WithReadiness(2, "true"))
			policy := newPolicy("app", rebuild(app))
			w.current(policy, workload)

			bad.move(base)
			run := w.takenBack(policy, workload, app, bad.words)
			w.isLeftAlone(policy, workload, 15*time.Second)
			w.isTriedOnceMore(policy, run)
			w.Says(workload, cluster.Container, "one")
			w.followsTo(w.read(workload), policy, app, base, "three")
		})
	}
}

// takenBack waits until a run has failed and its workload has the image that it had before.
func (w *world) takenBack(policy *respinv1alpha1.PatchPolicy, workload *deployment, app images.App, words string) *respinv1alpha1.PatchRun {
	w.t.Helper()
	w.check(policy)
	run := w.onlyRun()
	w.ended(run, respinv1alpha1.PhaseRolledBack)
	w.runSays(run, respinv1alpha1.ConditionRolledBack, metav1.ConditionTrue, respinv1alpha1.ReasonRolledBack)
	if why := w.runSays(run, respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, respinv1alpha1.ReasonRolledBack); !strings.Contains(why, words) {
		w.t.Errorf("the run does not say %q: %s", words, why)
	}
	w.policySays(policy, respinv1alpha1.ConditionReady, metav1.ConditionFalse, respinv1alpha1.ReasonQuarantined)
	w.policySays(policy, respinv1alpha1.ConditionDegraded, metav1.ConditionTrue, respinv1alpha1.ReasonQuarantined)
	w.imageIs(policy, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
	w.RolledOut(workload)
	if back := cluster.Image(workload); back != app.Reference {
		w.t.Errorf("the workload had %s and was given back %s", app.Reference, back)
	}
	return run
}

// isLeftAlone expects that nothing is tried again, however often the policy is asked to look.
func (w *world) isLeftAlone(policy *respinv1alpha1.PatchPolicy, workload *deployment, whole time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(whole); time.Now().Before(end); {
		w.check(policy)
		w.stays(2*time.Second, workload)
	}
	if run := w.onlyRun(); run.Status.Attempts != 1 {
		w.t.Errorf("there were %d attempts", run.Status.Attempts)
	}
}

// isTriedOnceMore asks for another attempt and expects exactly one.
func (w *world) isTriedOnceMore(policy *respinv1alpha1.PatchPolicy, run *respinv1alpha1.PatchRun) {
	w.t.Helper()
	w.Annotate(run, respinv1alpha1.AnnotationRetry, "please")
	cluster.Eventually(w.t, patchTimeout, "the second attempt ends", func() string {
		if w.Read(run); run.Status.Attempts == 2 && run.Status.CompletionTime != nil {
			return ""
		}
		return "its phase is " + string(run.Status.Phase)
	})
	w.check(policy)
	if run := w.onlyRun(); run.Status.Attempts != 2 || run.Status.Phase != respinv1alpha1.PhaseRolledBack {
		w.t.Errorf("after the retry, there were %d attempts and the run is %s", run.Status.Attempts, run.Status.Phase)
	}
}
