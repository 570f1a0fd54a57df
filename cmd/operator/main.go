// The operator: both controllers, with everything they stand on wired together. It is the only place that names
// concrete adapters.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // Rollout windows name time zones, and the operator's image holds no files of them.

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/access"
	answers "github.com/respin-dev/respin/internal/admission"
	"github.com/respin-dev/respin/internal/builder/buildkit"
	"github.com/respin-dev/respin/internal/registry"
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
	var patches answers.Patches // what pods are patched with as they are created
	if err := addWebhooks(mgr, o.webhooks, patches); err != nil {
		return err
	}
	if err := addProbes(mgr); err != nil {
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
	runs := &patchrun.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Builder: builds, Open: opened.forRun,
		Builds: patchrun.NewBuilds(ctx, time.Now, o.maxBuilds),
		Events: mgr.GetEventRecorder("respin-patchrun"), Now: time.Now,
	}
	if err := runs.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the run controller: %w", err)
	}
	return nil
}

func addProbes(mgr manager.Manager) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the health probe: %w", err)
	}
	if err := mgr.AddReadyzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the readiness probe: %w", err)
	}
	return nil
}
