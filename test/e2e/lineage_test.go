//go:build e2e

package e2e

import (
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// Whatever tells on which base an image was built, the image follows that base.
func TestAnImageFollowsItsBaseHoweverItIsKnown(t *testing.T) {
	t.Parallel()
	type app = images.App
	for name, known := range map[string]struct {
		lineage string
		make    func(*world, *images.Base) (app, respinv1alpha1.ImageRule)
	}{
		"by what the policy declares": {"Declared", func(w *world, base *images.Base) (app, respinv1alpha1.ImageRule) {
			a := w.Assemble("app", base, false)
			return a, declared(rebuild(a), base)
		}},
		"by its annotations": {"Annotations", func(w *world, base *images.Base) (app, respinv1alpha1.ImageRule) {
			a := w.Assemble("app", base, true)
			return a, rebuild(a)
		}},
		"by its provenance": {"Provenance", func(w *world, base *images.Base) (app, respinv1alpha1.ImageRule) {
			a := w.App("app", base)
			return a, rebuild(a)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app, rule := known.make(w, base)
			workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rule)
			w.current(policy, workload)
			if found := policy.Status.Images[0].Lineage; found != known.lineage {
				t.Errorf("the base is known by %s, not by %s", found, known.lineage)
			}
			w.followsTo(workload, policy, app, base, "two")
		})
	}
}

// followsTo moves a base and expects a workload on it to follow, in one rollout and one run.
func (w *world) followsTo(workload *deployment, policy *respinv1alpha1.PatchPolicy, app images.App, base *images.Base, version string) {
	w.t.Helper()
	generation, runs := workload.Generation, len(w.runs())
	base.Move(version)
	w.check(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
	w.RolledOut(workload)
	w.Says(workload, cluster.Container, version)
	w.isPatched(workload, app, base)
	if rose := workload.Generation - generation; rose != 1 {
		w.t.Errorf("the workload was changed %d times", rose)
	}
	if made := len(w.runs()) - runs; made != 1 {
		w.t.Errorf("there were %d runs for one move", made)
	}
}
