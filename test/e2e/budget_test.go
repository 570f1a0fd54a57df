//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
)

// Ten Deployments with five images on one base, and a budget of one: five runs, and never two workloads under way.
func TestABudgetOfOneNeverHasTwoUnderWay(t *testing.T) {
	t.Parallel()
	const apps, each = 5, 2
	w := newWorld(t)
	base := w.NewBase("base", "one")
	var workloads []client.Object
	var rules []respinv1alpha1.ImageRule
	for a := range apps {
		app := w.Assemble(fmt.Sprintf("app-%d", a), base, true)
		rules = append(rules, rebuild(app))
		for i := range each {
			workloads = append(workloads, cluster.Deployment(fmt.Sprintf("app-%d-%d", a, i), app.Reference, cluster.WithReadiness(1, images.Ready)))
		}
	}
	policy := newPolicy("all", rules...)
	policy.Spec.Rollout.BakeTime.Duration = 2 * time.Second
	policy.Spec.Rollout.Budget.MaxConcurrent = 1
	w.Make(workloads...)
	w.RolledOut(workloads...)
	w.follow(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)

	began := time.Now()
	base.Move("two")
	w.check(policy)
	cluster.Eventually(t, 2*patchTimeout, "every image is patched", func() string {
		if w.Read(policy); policy.Status.Summary.Current == apps && len(w.runs()) == apps {
			return ""
		}
		return fmt.Sprintf("%+v", *policy.Status.Summary)
	})
	w.RolledOut(workloads...)
	w.oneByOne(began, len(workloads))
}

// underWay is the time from the operator's change of a Deployment to the moment at which its controller scaled its earlier
// ReplicaSet to nothing: with no pod to be missing, every new pod was available then.
type underWay struct {
	evidence.Request
	until time.Time
}

// oneByOne expects that the operator has changed so many Deployments since a time, each once and no two at a time.
func (w *world) oneByOne(since time.Time, many int) {
	w.t.Helper()
	var rollouts []underWay
	for _, change := range evidence.ChangesByOperator(w.t, since, w.Name, "deployments") {
		rollouts = append(rollouts, underWay{Request: change})
	}
	if len(rollouts) != many {
		w.t.Errorf("for %d Deployments the operator made %d changes: %v", many, len(rollouts), rollouts)
	}
	scaled := evidence.Changes(w.t, since, w.Name, "replicasets")
	for i := range rollouts {
		for _, change := range scaled {
			if strings.HasPrefix(change.Object.Name, rollouts[i].Object.Name+"-") {
				rollouts[i].until = change.Received
			}
		}
		if rollouts[i].until.Before(rollouts[i].Received) {
			w.t.Errorf("%s had no effect", rollouts[i])
		}
		if i > 0 && rollouts[i].Received.Before(rollouts[i-1].until) {
			w.t.Errorf("%s came before the one before was over, at %s: %s", rollouts[i], rollouts[i-1].until.Format("15:04:05.000"), rollouts[i-1])
		}
	}
	w.t.Logf("%d rollouts, one by one, from %d changes of ReplicaSets", len(rollouts), len(scaled))
}
