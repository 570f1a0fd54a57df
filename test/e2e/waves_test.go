//go:build e2e

package e2e

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
)

// canaried is a workload of a first wave, and one that comes after it, with the same image.
type canaried struct {
	*world
	base         *images.Base
	app          images.App
	canary, main *deployment
	policy       *respinv1alpha1.PatchPolicy
}

func newCanaried(t *testing.T, bake time.Duration) *canaried {
	t.Helper()
	w := newWorld(t)
	c := &canaried{world: w, base: w.NewBase("base", "one")}
	c.app = w.Assemble("app", c.base, true)
	// By its name the canary would come last.
	c.canary = cluster.Deployment("z-canary", c.app.Reference, cluster.WithReadiness(1, images.Ready))
	c.canary.Labels = map[string]string{"wave": "canary"}
	c.main = cluster.Deployment("main", c.app.Reference, cluster.WithReadiness(1, images.Ready))
	c.policy = newPolicy("app", rebuild(c.app))
	c.policy.Spec.Rollout.BakeTime.Duration = bake
	c.policy.Spec.Rollout.Budget.MaxConcurrent = 2
	c.policy.Spec.Rollout.Waves = []respinv1alpha1.RolloutWave{{
		Selector: metav1.LabelSelector{MatchLabels: map[string]string{"wave": "canary"}},
	}}
	w.current(c.policy, c.canary, c.main)
	return c
}

func TestAWaveComesAfterTheOneBefore(t *testing.T) {
	t.Parallel()
	t.Run("when that has stayed healthy", func(t *testing.T) {
		t.Parallel()
		const bake = 5 * time.Second
		c := newCanaried(t, bake)
		began := time.Now()
		run := c.moved(c.policy, c.base, "two")
		c.hasCome(run, c.canary, respinv1alpha1.WorkloadBaking)
		if waits := of(run, c.main); waits.State != respinv1alpha1.WorkloadWaiting || waits.Reason != respinv1alpha1.ReasonWaitingForWave {
			t.Errorf("while the canary bakes, the other workload is %+v", waits)
		}
		c.succeeded(run)
		c.RolledOut(c.canary, c.main)
		c.Says(c.main, cluster.Container, "two")
		changes := evidence.ChangesByOperator(t, began, c.Name, "deployments")
		if len(changes) != 2 || changes[0].Object.Name != c.canary.Name {
			t.Fatalf("the operator's changes are %v", changes)
		}
		if after := changes[1].Received.Sub(changes[0].Received); after < bake {
			t.Errorf("the canary had to bake for %s, and the next workload was changed %s after it", bake, after)
		}
	})
	t.Run("and never when that failed", func(t *testing.T) {
		t.Parallel()
		c := newCanaried(t, 0)
		c.base.MoveToCrashing("two", "no library")
		c.check(c.policy)
		run := c.runTo(c.base)
		c.ended(run, respinv1alpha1.PhaseRolledBack)
		if never := of(run, c.main); never.Reason != respinv1alpha1.ReasonWaveFailed {
			t.Errorf("when the canary has failed, the other workload is %+v", never)
		}
		c.RolledOut(c.canary)
		c.Says(c.canary, cluster.Container, "one")
		c.check(c.policy)
		c.stays(quietFor/2, c.canary, c.main)
		c.isNotTouched(c.main)
	})
}
