//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
)

// quiet is how long nothing new happens: RESPIN_QUIET, as in 10m, or else a while that tells enough.
func quiet(t testing.TB) time.Duration {
	t.Helper()
	asked := os.Getenv("RESPIN_QUIET")
	if asked == "" {
		return 35 * time.Second
	}
	whole, err := time.ParseDuration(asked)
	if err != nil {
		t.Fatalf("RESPIN_QUIET: %v", err)
	}
	return whole
}

// When nothing is new nothing is written, and each base is asked for once an interval, however many images and policies
// are on it.
func TestWhenNothingIsNewNothingIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	web, agent := w.App("web", base), w.App("agent", base)
	all, one := often(newPolicy("web", rebuild(web))), often(newPolicy("agent", rebuild(agent)))
	w.current(keeping(all, "web"), cluster.Deployment("web", web.Reference))
	w.current(keeping(one, "agent"), cluster.Deployment("agent", agent.Reference))
	w.silent()

	began, whole := time.Now(), quiet(t)
	cluster.Throughout(t, whole, "time passes", func() string { return "" })
	for _, write := range evidence.Writes(t, began, w.Name) {
		t.Errorf("the operator has written %s", write)
	}
	took := time.Since(began)
	asked := evidence.ByOperator(evidence.Requests(t, began, w.Path("")))
	heads := 0
	for _, request := range asked {
		if request.Method == http.MethodHead && request.Path == "/v2/"+base.Repository()+"/manifests/12" {
			heads++
			continue
		}
		t.Errorf("beside the base's tag, the operator asked for %s", request)
	}
	// The log is exact to the second, so that one at either edge may or may not be in it.
	intervals := int(took / all.Spec.Interval.Duration)
	if heads < intervals-1 || heads > intervals+1 {
		t.Errorf("in %s with an interval of %s the base was asked for %d times", took, all.Spec.Interval.Duration, heads)
	}
	t.Logf("in %s: no write, and %d requests for %d intervals of one base under two policies", took.Round(time.Second), heads, intervals)
	w.isReady(all, respinv1alpha1.ReasonUpToDate)
}
