//go:build e2e

package e2e

import (
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
)

// An image that a person puts back stays, were it the one before or an older one, until the base moves again.
func TestARevertByHandIsHeld(t *testing.T) {
	t.Parallel()
	for name, reverted := range map[string]struct {
		patches []string
		back    int // which of the images that the workload had, from the first
	}{
		"to the image before":                   {[]string{"two"}, 0},
		"to the image of two patches ago":       {[]string{"two", "three"}, 0},
		"to the first of two that were patched": {[]string{"two", "three"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app := w.Assemble("app", base, true)
			workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rebuild(app))
			w.current(policy, workload)
			had := []string{app.Reference}
			for _, version := range reverted.patches {
				w.followsTo(workload, policy, app, base, version)
				had = append(had, cluster.Image(workload))
			}

			cluster.Change(w.Namespace, workload, func(d *deployment) { d.Spec.Template.Spec.Containers[0].Image = had[reverted.back] })
			w.RolledOut(workload)
			w.imageIs(policy, respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted)
			w.isReady(policy, respinv1alpha1.ReasonUpToDate)
			runs := len(w.runs())
			for range 3 {
				w.check(policy)
				w.stays(quietFor/4, workload)
			}
			if more := len(w.runs()) - runs; more != 0 || cluster.Image(workload) != had[reverted.back] {
				t.Errorf("a revert was not held: there were %d more runs, and the workload has %s", more, cluster.Image(workload))
			}
			w.imageIs(policy, respinv1alpha1.ImageHeld, respinv1alpha1.ReasonReverted)

			w.followsTo(w.read(workload), policy, app, base, "four")
		})
	}
}
