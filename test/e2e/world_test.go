//go:build e2e

// Package e2e holds the end-to-end tests: a real cluster, a real registry, a real builder, and the operator as it is
// shipped.
package e2e

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// patchTimeout is how long a patch may take from the base's move to the end of its run: some wait for a minute to begin,
// or bake for most of one.
const patchTimeout = 150 * time.Second

// world is what a test has to itself: a namespace, and repositories of the same name.
type world struct {
	*cluster.Namespace
	*images.Shelf
	t testing.TB
}

func newWorld(t testing.TB) *world {
	t.Helper()
	n := cluster.NewNamespace(t)
	return &world{Namespace: n, Shelf: images.NewShelf(t, n.Name), t: t}
}

// follow creates a policy and waits until it has looked at everything for the first time.
func (w *world) follow(policy *respinv1alpha1.PatchPolicy) {
	w.t.Helper()
	w.Make(policy)
	w.observed(policy)
}

func (w *world) observed(policy *respinv1alpha1.PatchPolicy) {
	w.t.Helper()
	cluster.Eventually(w.t, 30*time.Second, "the policy is observed", func() string {
		w.Read(policy)
		if policy.Status.ObservedGeneration == policy.Generation {
			return ""
		}
		return fmt.Sprintf("generation %d of %d", policy.Status.ObservedGeneration, policy.Generation)
	})
}

// check has a policy look at its bases now, and waits until it has.
func (w *world) check(policy *respinv1alpha1.PatchPolicy) {
	w.t.Helper()
	asked := time.Now().Format(time.RFC3339Nano)
	w.Annotate(policy, respinv1alpha1.AnnotationReconcileAt, asked)
	cluster.Eventually(w.t, 60*time.Second, "the check that was asked for is done", func() string {
		w.Read(policy)
		if policy.Status.LastHandledReconcileAt == asked {
			return ""
		}
		return "handled " + policy.Status.LastHandledReconcileAt + ", asked " + asked
	})
}

// runs are the namespace's runs.
func (w *world) runs() []respinv1alpha1.PatchRun {
	w.t.Helper()
	var list respinv1alpha1.PatchRunList
	w.All(&list)
	return list.Items
}

// onlyRun waits for the namespace's run; more than one is one too many.
func (w *world) onlyRun() *respinv1alpha1.PatchRun {
	w.t.Helper()
	var run *respinv1alpha1.PatchRun
	cluster.Eventually(w.t, patchTimeout, "there is a run", func() string {
		runs := w.runs()
		if len(runs) == 0 {
			return "none"
		}
		if len(runs) > 1 {
			w.t.Fatalf("there are %d runs instead of one", len(runs))
		}
		run = &runs[0]
		return ""
	})
	return run
}

// runFor is the run whose patched image a workload has.
func (w *world) runFor(image string) *respinv1alpha1.PatchRun {
	w.t.Helper()
	runs := w.runs()
	for i := range runs {
		if output := runs[i].Status.Output; output != nil && output.Image == image {
			return &runs[i]
		}
	}
	w.t.Fatalf("no run has made %s", image)
	return nil
}

// current deploys workloads and a policy that finds all of their images current.
func (w *world) current(policy *respinv1alpha1.PatchPolicy, workloads ...client.Object) {
	w.t.Helper()
	w.Run(workloads...)
	w.follow(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
}

// deployment is the kind of workload that most tests have.
type deployment = appsv1.Deployment

// read reads a workload again.
func (w *world) read(workload *deployment) *deployment {
	w.t.Helper()
	w.Read(workload)
	return workload
}
