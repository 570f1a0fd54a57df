// The demo: a real Deployment's containers go from a vulnerable base image to a fixed one, with nobody touching it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/hack/demo/internal/debian"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

var errUsage = errors.New(`usage: run.sh [show | publish | clean]
  show     the demo, from the start (the default)
  publish  publish one more base image, for Respin to follow
  clean    undo the demo`)

// cache is where the Debian file systems are kept; the demo runs in the checkout's root.
const cache = ".cache/demo"

// demo is what every part of the demo works with.
type demo struct {
	*screen.Screen
	environment
	cluster
	sample
	store debian.Store
	// removed is when an earlier demo was removed, which Respin may remember for a moment.
	removed time.Time
	// released and fixed are the packages of the two bases, and changed the names of those that differ.
	released, fixed debian.Packages
	changed         []string
	// run is Respin's answer to the fixed base.
	run *respinv1alpha1.PatchRun
	// before and after are the packages in the pods, by the pods' names.
	before, after map[string]debian.Packages
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "\nInterrupted. \"make demo\" begins anew; \"make demo-clean\" removes what is there.")
		os.Exit(130)
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "\nThe demo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	commands := map[string]func(*demo, context.Context) error{
		"show": (*demo).show, "publish": (*demo).publish, "clean": (*demo).clean,
	}
	if len(args) == 0 {
		args = []string{"show"}
	}
	command, known := commands[args[0]]
	if !known || len(args) > 1 {
		return errUsage
	}
	d, err := newDemo(ctx)
	if err != nil {
		return err
	}
	return command(d, ctx)
}

func newDemo(ctx context.Context) (*demo, error) {
	env, err := readEnvironment(ctx)
	if err != nil {
		return nil, err
	}
	sample, err := readSample(env.registry)
	if err != nil {
		return nil, err
	}
	cluster, err := connect(sample.policy.Namespace)
	return &demo{Screen: screen.New(os.Stdout), environment: env, cluster: cluster, sample: sample, store: cache}, err
}
