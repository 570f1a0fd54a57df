//go:build integration

package integration

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/patchrun"
)

// shop is a namespace with deployments of one image and deployments of an image each.
func shop(t *testing.T, of shelf, ofOne, ofTheirOwn int, budget int32) *scenario {
	t.Helper()
	s := &scenario{t: t, ns: namespace(t), cluster: live, shelf: of, kubelet: healthy, clock: &clock{}}
	for i := range ofOne {
		s.deploy(fmt.Sprintf("same-%02d", i), of.app("shop/api"))
	}
	for i := range ofTheirOwn {
		s.deploy(fmt.Sprintf("other-%02d", i), of.app(fmt.Sprintf("shop/other-%02d", i)))
	}
	s.play()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) {
		policy.Spec.Rollout.Budget.MaxConcurrent = budget
		policy.Spec.Rollout.BakeTime = &metav1.Duration{Duration: 50 * time.Millisecond}
	})
	return s
}

// crowd has many look at all runs at once, again and again, beside the manager's own workers.
func crowd(t *testing.T, runs *patchrun.Reconciler, scenarios ...*scenario) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for ctx.Err() == nil {
				for _, s := range scenarios {
					var list respinv1alpha1.PatchRunList
					if err := runs.List(ctx, &list, client.InNamespace(s.ns)); err != nil {
						continue
					}
					for i := range list.Items {
						key := client.ObjectKeyFromObject(&list.Items[i])
						if _, err := runs.Reconcile(ctx, ctrl.Request{NamespacedName: key}); err != nil && ctx.Err() == nil {
							t.Errorf("looking at run %s: %v", key, err)
						}
					}
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		all.Wait()
	})
}

// underWay are how many workloads have their turn, by namespace.
func underWay(t *testing.T) map[string]int {
	t.Helper()
	var list respinv1alpha1.PatchRunList
	if err := live.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, run := range list.Items {
		for _, w := range run.Status.Workloads {
			switch w.State {
			case respinv1alpha1.WorkloadUpdating, respinv1alpha1.WorkloadUpdated, respinv1alpha1.WorkloadBaking, respinv1alpha1.WorkloadUnhealthy:
				found[run.Namespace]++
			}
		}
	}
	return found
}

func TestNoMoreWorkloadsAreUnderWayThanTheBudgetAllows(t *testing.T) {
	of := newShelf(t)
	of.moveBase()
	s := shop(t, of, 10, 10, 3)
	of.moveBase()
	crowd(t, manage(t, 0, s), s)
	most := 0
	s.becomes("every image is current", func() bool {
		now := underWay(t)[s.ns]
		if most = max(most, now); now > 3 {
			t.Fatalf("%d are under way: %s", now, s.tell())
		}
		return s.every(respinv1alpha1.ImageCurrent)()
	})
	if most < 2 {
		t.Errorf("no more than %d were ever under way", most)
	}
	s.expectEachChangedOnce()
}

func TestNoMoreWorkloadsAreUnderWayThanTheOperatorIsAllowed(t *testing.T) {
	of := newShelf(t)
	of.moveBase()
	many, few := shop(t, of, 4, 6, 3), shop(t, of, 1, 2, 3)
	of.moveBase()
	crowd(t, manage(t, 4, many, few), many, few)
	few.becomes("every image is current in both", func() bool {
		many.play()
		now := underWay(t)
		if now[many.ns] > 3 || now[few.ns] > 3 || now[many.ns]+now[few.ns] > 4 {
			t.Fatalf("%d and %d are under way: %s", now[many.ns], now[few.ns], many.tell())
		}
		return many.every(respinv1alpha1.ImageCurrent)() && few.every(respinv1alpha1.ImageCurrent)()
	})
	many.expectEachChangedOnce()
	few.expectEachChangedOnce()
}

func (s *scenario) expectEachChangedOnce() {
	s.t.Helper()
	for _, d := range s.allDeployments() {
		if d.Generation != 2 {
			s.t.Errorf("deployment %s was changed %d times: %s", d.Name, d.Generation-1, s.tell())
		}
	}
}
