//go:build e2e

package e2e

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// A patch that works counts as one only when it has stayed healthy for a while.
func TestAGoodPatchStaysHealthyBeforeItCounts(t *testing.T) {
	t.Parallel()
	const bake = 5 * time.Second
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.Assemble("app", base, true)
	workload := replicated(cluster.Deployment("app", app.Reference, cluster.WithReadiness(1, images.Ready)), 3, 1, 0)
	policy := newPolicy("app", rebuild(app))
	policy.Spec.Rollout.BakeTime.Duration = bake
	w.current(policy, workload)
	w.StaysAvailable(workload)

	run := w.moved(policy, base, "two")
	baking := w.hasCome(run, workload, respinv1alpha1.WorkloadBaking)
	w.runSays(run, respinv1alpha1.ConditionHealthy, metav1.ConditionUnknown, respinv1alpha1.ReasonBaking)
	w.succeeded(run)
	// Times in a status are exact to the second.
	if stayed := run.Status.CompletionTime.Sub(baking.Since.Time); stayed < bake-time.Second {
		t.Errorf("it had to stay healthy for %s, and the run ended after %s", bake, stayed)
	}
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
	w.RolledOut(workload)
	w.Says(workload, cluster.Container, "two")
	w.isPatched(workload, app, base)
}
