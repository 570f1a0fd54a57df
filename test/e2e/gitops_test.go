//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
)

// appliedEvery is how often the stand-in of a GitOps controller applies its manifest, which real ones do less often.
const appliedEvery = 2 * time.Second

// fromGit creates a Deployment and applies it again and again until the test ends, as Flux does: by server-side apply,
// with force, under Flux's name and labels.
func (w *world) fromGit(workload *deployment) {
	w.t.Helper()
	workload.Namespace = w.Name
	workload.Labels = map[string]string{
		"app": workload.Name, "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(workload)
	if err != nil {
		w.t.Fatal(err)
	}
	delete(content, "status")
	manifest := &unstructured.Unstructured{Object: content}
	manifest.SetAPIVersion("apps/v1")
	manifest.SetKind("Deployment")
	ctx := w.t.Context()
	if err := w.applied(ctx, manifest); err != nil {
		w.t.Fatalf("applying the manifest of %s: %v", workload.Name, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for again := time.Tick(appliedEvery); ; {
			select {
			case <-ctx.Done():
				return
			case <-again:
			}
			if err := w.applied(ctx, manifest); err != nil && ctx.Err() == nil {
				w.t.Errorf("applying the manifest of %s again: %v", workload.Name, err)
			}
		}
	}()
	w.t.Cleanup(func() { <-done })
	w.RolledOut(workload)
}

func (w *world) applied(ctx context.Context, manifest *unstructured.Unstructured) error {
	apply := client.ApplyConfigurationFromUnstructured(manifest.DeepCopy())
	return w.Apply(ctx, apply, client.ForceOwnership, client.FieldOwner("kustomize-controller"))
}

// Who applies a manifest every two seconds is not fought with.
func TestAGitOpsControllerIsNotFought(t *testing.T) {
	t.Parallel()
	const watched = 20 * time.Second
	t.Run("with OnRestart there is nothing to fight about", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := &restarting{world: w, base: w.NewBase("base", "one")}
		r.app = w.Assemble("app", r.base, true)
		r.workload, r.policy = replicated(cluster.Deployment("app", r.app.Reference), 2, 1, 0), newPolicy("app", rebuild(r.app))
		r.policy.Spec.Rollout.Type = respinv1alpha1.OnRestart
		w.fromGit(r.workload)
		w.follow(r.policy)
		w.isReady(r.policy, respinv1alpha1.ReasonUpToDate)
		generation := w.read(r.workload).Generation

		r.base.Move("two")
		run, patched := r.opens()
		for _, pod := range w.Pods(r.workload) {
			r.successor(&pod, patched)
		}
		w.succeeded(run)
		w.stays(watched/2, r.workload)
		if w.Read(r.workload); r.workload.Generation != generation || cluster.Image(r.workload) != r.app.Reference {
			t.Errorf("the workload went from generation %d to %d, and has %s", generation, r.workload.Generation, cluster.Image(r.workload))
		}
		w.Says(r.workload, cluster.Container, "two")
		w.isReady(r.policy, respinv1alpha1.ReasonUpToDate)
	})
	t.Run("with RollingUpdate the policy says so, and gives way", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		base := w.NewBase("base", "one")
		app := w.Assemble("app", base, true)
		workload, policy := cluster.Deployment("app", app.Reference, cluster.WithReadiness(1, images.Ready)), newPolicy("app", rebuild(app))
		w.fromGit(workload)
		w.follow(policy)
		w.isReady(policy, respinv1alpha1.ReasonUpToDate)

		began := time.Now()
		base.Move("two")
		w.check(policy)
		w.policySays(policy, respinv1alpha1.ConditionDegraded, metav1.ConditionTrue, respinv1alpha1.ReasonGitOpsConflict)
		told := time.Now()
		for time.Since(told) < watched {
			w.check(policy)
			cluster.Pass(t, appliedEvery)
		}
		changes := evidence.ChangesByOperator(t, began, w.Name, "deployments")
		if len(changes) > 1 || len(changes) == 1 && changes[0].Received.After(told) {
			t.Errorf("the operator wrote against who manages the image: %v", changes)
		}
		w.policySays(policy, respinv1alpha1.ConditionDegraded, metav1.ConditionTrue, respinv1alpha1.ReasonGitOpsConflict)
		w.RolledOut(workload)
		w.Says(workload, cluster.Container, "one")
		w.onlyRun()
	})
}
