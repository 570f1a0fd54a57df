//go:build integration

package integration

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	controllers "sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/registry"
)

// manage has a manager, with its cache and watches, do what the scenarios' steps do elsewhere, with so many workloads
// under way at once. It is stopped before the test ends. Its reconciler of runs may be called by others, too.
func manage(t *testing.T, most int, scenarios ...*scenario) *patchrun.Reconciler {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	yes := true
	s, namespaces := scenarios[0], map[string]cache.Config{}
	for _, each := range scenarios {
		each.cluster = live // the manager's writes are not counted
		namespaces[each.ns] = cache.Config{}
	}
	mgr, err := ctrl.NewManager(environment.Config, ctrl.Options{
		Scheme: scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
		Controller: controllers.Controller{SkipNameValidation: &yes},
		Cache: cache.Options{
			DefaultTransform:  cache.TransformStripManagedFields(),
			DefaultNamespaces: namespaces,
		},
	})
	s.must(err)
	registries := registry.New(registry.Options{PlainHTTP: []string{s.shelf.host}})
	shop, recorder := &workshop{life: &life{}}, events.NewFakeRecorder(10000)
	s.must((&patchpolicy.Reconciler{Client: mgr.GetClient(), Open: anyone{registries, &life{}, s.clock}.forPolicy, Events: recorder, Now: time.Now}).SetupWithManager(mgr))
	runs := &patchrun.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Builder: shop, Open: anyone{registries, &life{}, s.clock}.forRun, Events: recorder, Now: time.Now,
		Builds: patchrun.NewBuilds(ctx, time.Now, 2), Turns: &patchrun.Turns{Cap: most}, Logs: silent{},
	}
	s.must(runs.SetupWithManager(mgr))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		t.Fatal("the cache does not come to hold what there is")
	}
	return runs
}

// becomes waits until the scenario is as wanted, with the cluster's part played meanwhile.
func (s *scenario) becomes(what string, wanted func() bool) {
	s.t.Helper()
	err := wait.PollUntilContextTimeout(s.t.Context(), 20*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		s.play()
		return wanted(), nil
	})
	if err != nil {
		s.t.Fatalf("it never comes to be that %s: %s", what, s.tell())
	}
}

func (s *scenario) every(state respinv1alpha1.ImageState) func() bool {
	return func() bool {
		images := s.thePolicy().Status.Images
		for _, image := range images {
			if image.State != state {
				return false
			}
		}
		return len(images) > 0
	}
}

// What the steps of the other tests do in order is done here by watches alone: the interval is ten minutes.
func TestWatchesAloneBringAPolicyToItsEnd(t *testing.T) {
	s := newScenario(t, healthy, "api", "worker")
	manage(t, 0, s)
	s.becomes("every image is current", s.every(respinv1alpha1.ImageCurrent))

	s.deploy("later", s.shelf.host+"/shop/api:1")
	s.becomes("a workload that turns up later is patched too", func() bool {
		return s.every(respinv1alpha1.ImageCurrent)() && s.deployment("later").Generation == 2
	})

	s.shelf.moveBase()
	s.annotate(s.thePolicy(), respinv1alpha1.AnnotationReconcileAt, "now")
	s.becomes("the base that moved is followed at once", func() bool {
		return s.every(respinv1alpha1.ImageCurrent)() && s.deployment("api").Generation == 3 &&
			s.deployment("worker").Generation == 3 && s.deployment("later").Generation == 3
	})
}

func TestWatchesAloneTakeAnImageBackAndTryItAgainWhenAsked(t *testing.T) {
	s := newScenario(t, crashing, "api")
	manage(t, 0, s)
	s.becomes("the run failed", s.every(respinv1alpha1.ImageFailed))

	s.kubelet = healthy
	run := s.onlyRun()
	s.annotate(run, respinv1alpha1.AnnotationRetry, "now")
	s.becomes("the retry succeeded", s.every(respinv1alpha1.ImageCurrent))
	if s.deployment("api").Generation != 4 {
		t.Errorf("the deployment was changed %d times", s.deployment("api").Generation-1)
	}
}
