//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// daily is a window of a minute that opens at a time every day.
func daily(at time.Time) respinv1alpha1.RolloutWindow {
	return respinv1alpha1.RolloutWindow{
		Schedule: fmt.Sprintf("%d %d * * *", at.UTC().Minute(), at.UTC().Hour()), Duration: metav1.Duration{Duration: time.Minute},
	}
}

// always is a window that is open at any time.
var always = respinv1alpha1.RolloutWindow{Schedule: "* * * * *", Duration: metav1.Duration{Duration: 5 * time.Minute}}

// While no window is open the patched image is made and waits, until the policy lets it go.
func TestAClosedWindowHoldsAPatch(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(*respinv1alpha1.PatchPolicy, *images.Base){
		"until the base's digest is urgent": func(p *respinv1alpha1.PatchPolicy, b *images.Base) {
			p.Spec.Urgent = []string{b.Digest()}
		},
		"until the window is changed to one that is open": func(p *respinv1alpha1.PatchPolicy, _ *images.Base) {
			p.Spec.Rollout.Windows = []respinv1alpha1.RolloutWindow{always}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app := w.Assemble("app", base, true)
			workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
			opens := time.Now().Add(12 * time.Hour).Truncate(time.Minute)
			policy.Spec.Rollout.Windows = []respinv1alpha1.RolloutWindow{daily(opens)}
			w.current(policy, workload)

			run := w.moved(policy, base, "two")
			w.gives(run, respinv1alpha1.ReasonWaitingForWindow)
			w.runSays(run, respinv1alpha1.ConditionVerified, metav1.ConditionTrue, respinv1alpha1.ReasonVerified)
			if w.Read(policy); policy.Status.NextWindow == nil || !policy.Status.NextWindow.Time.Equal(opens) {
				t.Errorf("the window opens at %s, and the policy tells %v", opens, policy.Status.NextWindow)
			}
			w.check(policy)
			w.stays(quietFor/2, workload)
			w.isNotTouched(workload)

			cluster.Change(w.Namespace, policy, func(p *respinv1alpha1.PatchPolicy) { release(p, base) })
			w.succeeded(run)
			w.RolledOut(workload)
			w.Says(workload, cluster.Container, "two")
			w.isReady(policy, respinv1alpha1.ReasonUpToDate)
		})
	}
}
