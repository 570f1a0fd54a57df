//go:build integration

package integration

import (
	"context"
	"sync/atomic"
	"time"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/onrestart"
	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/restart"
)

// clock is the operators' clock: the machine's, and on by as much as a test says.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(by time.Duration) { c.ahead.Add(int64(by)) }

func (c *clock) set(to time.Time) { c.ahead.Store(int64(time.Until(to))) }

// operator is a process with all controllers. What it writes goes through its life.
type operator struct {
	policies *patchpolicy.Reconciler
	runs     *patchrun.Reconciler
	keeper   *onrestart.Keeper
	crashed  *onrestart.Reconciler
	workshop *workshop
	life     *life
	stop     context.CancelFunc
}

// operator is one that lives.
func (s *scenario) operator() *operator { return s.living(&life{}) }

func (s *scenario) living(life *life) *operator {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	s.t.Cleanup(cancel)
	cluster, registries := life.client(s.cluster), registry.New(registry.Options{PlainHTTP: []string{s.shelf.host}})
	shop, recorder, index := &workshop{life: life}, events.NewFakeRecorder(10000), restart.NewIndex()
	index.MarkReady()
	o := &operator{
		policies: &patchpolicy.Reconciler{Client: cluster, Open: anyone{registries, life, s.clock}.forPolicy, Events: recorder, Now: s.clock.now},
		runs: &patchrun.Reconciler{
			Client: cluster, Live: cluster, Builder: shop, Open: anyone{registries, life, s.clock}.forRun, Events: recorder, Now: s.clock.now,
			Builds: patchrun.NewBuilds(ctx, s.clock.now, 2), Turns: &patchrun.Turns{}, Logs: silent{},
		},
		keeper:   &onrestart.Keeper{Reader: cluster, Index: index},
		crashed:  &onrestart.Reconciler{Client: cluster, Index: index, Events: recorder, Now: s.clock.now},
		workshop: shop, life: life, stop: cancel,
	}
	s.operators = append(s.operators, o)
	return o
}

// toTheEnd works with an operator until its runs have ended and nothing is left to do, while time passes to whenever it
// asks to be called again; or until it dies. It tells whether it lives.
func (s *scenario) toTheEnd(o *operator) (alive bool) {
	s.t.Helper()
	defer o.stop()
	for range 20 {
		switch {
		case !s.work(o):
			return false
		case s.ended():
			return true
		case s.next == 0:
			s.t.Fatalf("it is not at the end, and does not ask to be called again: %s", s.tell())
		}
		s.clock.advance(s.next)
		s.play()
	}
	s.t.Fatalf("it does not come to an end: %s", s.tell())
	return false
}

// ended tells whether every run has ended and may go.
func (s *scenario) ended() bool {
	runs := s.runs()
	for i := range runs {
		if !plan.Finished(&runs[i]) || plan.Begun(&runs[i]) {
			return false
		}
	}
	return len(runs) > 0
}

// replaceCrashed has an operator look at the pods, where a run patches them as they start.
func (s *scenario) replaceCrashed(o *operator) {
	s.t.Helper()
	if !s.onRestart() || o.life.dead() {
		return
	}
	s.tolerate(o, reconcile(s, o.keeper, client.ObjectKey{Namespace: s.ns}))
	for _, pod := range s.pods("") {
		s.tolerate(o, reconcile(s, o.crashed, client.ObjectKeyFromObject(&pod)))
	}
}

func (s *scenario) onRestart() bool {
	for _, run := range s.runs() {
		if run.Spec.Rollout.Type == respinv1alpha1.OnRestart {
			return true
		}
	}
	return false
}
