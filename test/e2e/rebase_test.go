//go:build e2e

package e2e

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// auto is the rule for an app of which nothing is declared.
func auto(app images.App) respinv1alpha1.ImageRule {
	return respinv1alpha1.ImageRule{Match: app.Repository}
}

// An image as BuildKit pushes it, an index with provenance, follows its base without any build being declared. When it
// moves again, the patched image gives way to one that is made from the original.
func TestAnImageIsRebasedWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base, "RUN mkdir /data && echo app > /data/app")
	original := w.Digest(app.Reference)
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", auto(app))
	w.current(policy, workload)
	for _, version := range []string{"two", "three"} {
		w.followsTo(workload, policy, app, base, version)
		run := w.runFor(cluster.Image(workload))
		if run.Spec.Method != respinv1alpha1.MethodRebase {
			t.Errorf("the method for %s is %s: %s", version, run.Spec.Method, run.Spec.MethodReason)
		}
		if len(run.Status.Checks) == 0 {
			t.Error("the run does not tell what its checks came to")
		}
		annotations := w.Annotations(cluster.Image(workload))
		if from := annotations[image.AnnotationSourceDigest]; from != original {
			t.Errorf("for %s the image is made from %s, and the original is %s", version, from, original)
		}
		if statement := w.Provenance(cluster.Image(workload)); !strings.Contains(statement, "https://respin.dev/rebase/v1") {
			t.Errorf("for %s the provenance is %.300s", version, statement)
		}
	}
	w.Says(workload, cluster.Container, "three")
}

// Patched images may have a repository of their own. The policy goes on following what it has pushed there.
func TestAnImageIsRebasedIntoAnotherRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base, "RUN mkdir /data && echo app > /data/app")
	patched, rule := app, auto(app)
	patched.Repository = w.Repository("patched")
	rule.Output = &respinv1alpha1.OutputSpec{Repository: patched.Repository}
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rule)
	w.current(policy, workload)
	for _, version := range []string{"two", "three"} {
		w.followsTo(workload, policy, patched, base, version)
	}
	if tags := w.Tags(app.Repository); len(tags) != 1 {
		t.Errorf("the app's own repository has the tags %v", tags)
	}
}

// What an app's layers hold of the base decides: what a rebase would get wrong is built, or left alone with the reasons.
func TestAnImageIsNotRebasedWhereThatIsNotSafe(t *testing.T) {
	t.Parallel()
	const rewriting = "RUN touch /version"
	t.Run("it is built where a build is declared", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		base := w.NewBase("base", "one")
		app := w.App("app", base, rewriting)
		rule := rebuild(app)
		rule.Method = respinv1alpha1.MethodAuto
		workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rule)
		w.current(policy, workload)
		w.followsTo(workload, policy, app, base, "two")
		run := w.runFor(cluster.Image(workload))
		if run.Spec.Method != respinv1alpha1.MethodRebuild || !strings.Contains(run.Spec.MethodReason, "version") {
			t.Errorf("the method is %s: %s", run.Spec.Method, run.Spec.MethodReason)
		}
	})
	t.Run("else its run fails, and says why", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		base := w.NewBase("base", "one")
		app := w.App("app", base, rewriting)
		workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", auto(app))
		w.current(policy, workload)
		base.Move("two")
		w.check(policy)
		run := w.onlyRun()
		message := w.runSays(run, respinv1alpha1.ConditionPlanned, metav1.ConditionFalse, respinv1alpha1.ReasonRebaseRefused)
		if !strings.Contains(message, "paths: ") || !strings.Contains(message, "version") {
			t.Errorf("the run says %s", message)
		}
		w.ended(run, respinv1alpha1.PhaseFailed)
		w.policySays(policy, respinv1alpha1.ConditionReady, metav1.ConditionFalse, respinv1alpha1.ReasonRunFailed)
		if tags := w.Tags(app.Repository); len(tags) != 1 {
			t.Errorf("the repository has the tags %v", tags)
		}
		if w.Read(workload); cluster.Image(workload) != app.Reference || workload.Generation != 1 {
			t.Errorf("the workload was changed to %s", cluster.Image(workload))
		}
	})
	t.Run("or its owner waives the check", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		base := w.NewBase("base", "one")
		app := w.App("app", base, "RUN echo mine > /version")
		rule := auto(app)
		rule.Allow = []respinv1alpha1.SafetyCheck{"paths"}
		workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rule)
		w.current(policy, workload)
		base.Move("two")
		w.check(policy)
		w.isReady(policy, respinv1alpha1.ReasonUpToDate)
		run := w.runFor(cluster.Image(w.read(workload)))
		for _, check := range run.Status.Checks {
			if waived := check.Result == respinv1alpha1.CheckWaived; waived != (check.Name == "paths") {
				t.Errorf("the check %s came to %s: %s", check.Name, check.Result, check.Message)
			}
		}
	})
}
