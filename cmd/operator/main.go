// The operator: its controllers and webhooks, with everything they stand on wired together. It is the only place that names
// concrete adapters.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // Rollout windows name time zones, and the operator's image holds no files of them.

	"k8s.io/client-go/kubernetes"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/respin-dev/respin/controllers/onrestart"
	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/builder/buildkit"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/restart"
	"github.com/respin-dev/respin/internal/rollout"
)

// version is set by the build.
var version = "dev"

func main() {
	var o options
	o.bind(flag.CommandLine)
	logging := zap.Options{}
	logging.BindFlags(flag.CommandLine)
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))

	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		fmt.Fprintln(os.Stderr, "respin-operator:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster: %w", err)
	}
	config.UserAgent = "respin-operator/" + version
	mgr, err := ctrl.NewManager(config, o.manager())
	if err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := addControllers(ctx, mgr, o); err != nil {
		return err
	}
	index := restart.NewIndex()
	if err := addOnRestart(mgr, index); err != nil {
		return err
	}
	if err := addWebhooks(mgr, o.webhooks, index); err != nil {
		return err
	}
	if err := addProbes(mgr, index); err != nil {
		return err
	}
	ctrl.Log.Info("starting", "version", version, "buildkit", o.buildkitAddress)
	return mgr.Start(ctx)
}

func addControllers(ctx context.Context, mgr manager.Manager, o options) error {
	builds, err := buildkit.New(buildkit.Options{Address: o.buildkitAddress, TLSDir: o.buildkitTLSDir})
	if err != nil {
		return fmt.Errorf("setting up the builder: %w", err)
	}
	settings := o.registries()
	if err := settings.Check(); err != nil {
		return fmt.Errorf("setting up registries: %w", err)
	}
	opened := registries{access: access.Reader{Client: mgr.GetAPIReader()}, client: registry.New(settings)}
	policies := &patchpolicy.Reconciler{
		Client: mgr.GetClient(), Open: opened.forPolicy,
		Events: mgr.GetEventRecorder("respin-patchpolicy"), Now: time.Now,
	}
	if err := policies.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the policy controller: %w", err)
	}
	logs, err := kubernetes.NewForConfig(mgr.GetConfig())
	if err != nil {
		return fmt.Errorf("setting up the reading of logs: %w", err)
	}
	runs := &patchrun.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Builder: builds, Open: opened.forRun,
		Builds: patchrun.NewBuilds(ctx, time.Now, o.maxBuilds),
		Turns:  &patchrun.Turns{Cap: o.maxRollouts}, Logs: rollout.NewLogs(logs),
		Events: mgr.GetEventRecorder("respin-patchrun"), Now: time.Now,
	}
	if err := runs.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the run controller: %w", err)
	}
	return nil
}

// addOnRestart adds what has pods come back patched: what knows which, in every replica, since each answers the API
// server; and what replaces images in place, in the one that leads.
func addOnRestart(mgr manager.Manager, index *restart.Index) error {
	keeper := &onrestart.Keeper{Reader: mgr.GetClient(), Index: index}
	if err := keeper.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the index of what pods get: %w", err)
	}
	pods := &onrestart.Reconciler{
		Client: mgr.GetClient(), Index: index, Events: mgr.GetEventRecorder("respin-onrestart"), Now: time.Now,
	}
	if err := pods.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the restart controller: %w", err)
	}
	return nil
}

// addProbes adds the probes. A replica whose index is yet to be filled is not ready: it would let pods start unpatched.
func addProbes(mgr manager.Manager, index *restart.Index) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the health probe: %w", err)
	}
	filled := func(*http.Request) error {
		if !index.Ready() {
			return errors.New("what pods are patched with is yet to be read")
		}
		return nil
	}
	if err := mgr.AddReadyzCheck("index", filled); err != nil {
		return fmt.Errorf("adding the readiness probe: %w", err)
	}
	return nil
}
