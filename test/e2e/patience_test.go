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

// A base's new digest is used when it has stayed, or has been known, for long enough. The policy looks by itself then.
func TestABaseThatIsNewIsWaitedFor(t *testing.T) {
	t.Parallel()
	const long = 20 * time.Second
	for name, waiting := range map[string]struct {
		settle, soak time.Duration
		reason       string
	}{
		"until it has settled": {long, 0, respinv1alpha1.ReasonSettling},
		"until it has soaked":  {0, long, respinv1alpha1.ReasonSoaking},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, base, workload, policy := newPatient(t, waiting.settle, waiting.soak)
			base.Move("two")
			w.check(policy)
			w.imageIs(policy, respinv1alpha1.ImageBehind, waiting.reason)
			// One that moves again has to be waited for anew, and what it was meanwhile is nobody's concern.
			cluster.Pass(t, long/4)
			last := base.Move("three")
			w.check(policy)
			moved := time.Now()
			w.imageIs(policy, respinv1alpha1.ImageBehind, waiting.reason)
			if runs := w.runs(); len(runs) != 0 {
				t.Fatalf("there are %d runs for a base that is to be waited for", len(runs))
			}
			run := w.onlyRun()
			// When a digest was seen first is told, and kept, to the second.
			if waited := time.Since(moved); waited < long-2*time.Second {
				t.Errorf("the run was there after %s, and not after %s", waited, long)
			}
			if run.Spec.Base.To != last {
				t.Errorf("the run goes to %s, and the base is at %s", run.Spec.Base.To, last)
			}
			w.succeeded(run)
			w.RolledOut(workload)
			w.Says(workload, cluster.Container, "three")
			w.onlyRun()
		})
	}
	t.Run("but not to soak where it is urgent", func(t *testing.T) {
		t.Parallel()
		w, base, workload, policy := newPatient(t, 0, time.Hour)
		base.Move("two")
		w.check(policy)
		w.imageIs(policy, respinv1alpha1.ImageBehind, respinv1alpha1.ReasonSoaking)
		cluster.Change(w.Namespace, policy, func(p *respinv1alpha1.PatchPolicy) { p.Spec.Urgent = []string{base.Digest()} })
		w.succeeded(w.onlyRun())
		w.RolledOut(workload)
		w.Says(workload, cluster.Container, "two")
	})
}

func newPatient(t *testing.T, settle, soak time.Duration) (*world, *images.Base, *deployment, *respinv1alpha1.PatchPolicy) {
	t.Helper()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.Assemble("app", base, true)
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
	policy.Spec.Settle, policy.Spec.Soak = &metav1.Duration{Duration: settle}, &metav1.Duration{Duration: soak}
	w.current(policy, workload)
	return w, base, workload, policy
}
