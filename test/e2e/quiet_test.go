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
	cluster.Pass(t, whole)
	leases := 0
	for _, write := range evidence.Writes(t, began, w.Name, cluster.OperatorNamespace) {
		if write.Lease() { // by which one of several replicas is chosen: it has to be renewed
			leases++
			continue
		}
		t.Errorf("the operator has written %s", write)
	}
	t.Logf("in %s: no write but %d of the lease", whole, leases)
	var heads []evidence.Pull
	for _, request := range evidence.ByOperator(evidence.Requests(t, began, w.Path(""))) {
		if request.Method == http.MethodHead && request.Path == "/v2/"+base.Repository()+"/manifests/12" {
			heads = append(heads, request)
			continue
		}
		t.Errorf("beside the base's tag, the operator asked for %s", request)
	}
	onceAnInterval(t, heads, all.Spec.Interval.Duration, whole)
	w.isReady(all, respinv1alpha1.ReasonUpToDate)
}

// onceAnInterval expects one request in each interval of a time, none of them more than a second late. The log is exact
// to the second.
func onceAnInterval(t testing.TB, requests []evidence.Pull, interval, whole time.Duration) {
	t.Helper()
	fewest, most := int(whole/(interval+time.Second)), int(whole/interval)+1
	if len(requests) < fewest || len(requests) > most {
		t.Errorf("in %s with an interval of %s the base was asked for %d times", whole, interval, len(requests))
	}
	for i := 1; i < len(requests); i++ {
		if gap := requests[i].At.Sub(requests[i-1].At); gap < interval-time.Second || gap > interval+2*time.Second {
			t.Errorf("there are %s between %s and %s", gap, requests[i-1], requests[i])
		}
	}
	t.Logf("in %s with an interval of %s one base under two policies was asked for %d times", whole, interval, len(requests))
}
