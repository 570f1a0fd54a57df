package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/config"
	"github.com/respin-dev/respin/hack/cluster/internal/health"
	"github.com/respin-dev/respin/hack/cluster/internal/host"
	"github.com/respin-dev/respin/hack/cluster/internal/node"
)

const (
	// startLimit is how long a cold start may take on a slow machine.
	startLimit = 2 * time.Minute
	// repairLimit is how long a running node gets to restart what ended.
	repairLimit = 20 * time.Second
)

var errInterrupted = errors.New("interrupted: what had been started is stopped again")

// up starts the cluster, unless it is up.
func up(ctx context.Context, c clone.Clone) error {
	if err := prepare(ctx, c); err != nil {
		return err
	}
	if healthy(ctx, c) {
		fmt.Println("the cluster is up already: source", c.In("env"))
		return nil
	}
	if err := stop(c); err != nil {
		return fmt.Errorf("what is left of the last cluster is in the way: %w", err)
	}
	began := time.Now()
	if err := start(ctx, c, began); err != nil {
		return explain(c, err, stop(c))
	}
	fmt.Printf("the cluster is up after %s: source %s\n", since(began), c.In("env"))
	return nil
}

// healthy reports whether the cluster works, be it after a repair by the node
// itself.
func healthy(ctx context.Context, c clone.Clone) bool {
	if _, alive := readIdentity(c); !alive {
		return false
	}
	v, err := loadValues(c)
	if err != nil {
		return false
	}
	checks, err := health.Cluster(c.In("pki"), v)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, repairLimit)
	defer cancel()
	return health.All(ctx, checks, func(string) {}) == nil && writeEnv(c, v) == nil
}

func start(ctx context.Context, c clone.Clone, began time.Time) error {
	v, err := settle(c)
	if err != nil {
		return err
	}
	fmt.Printf("starting the cluster at %s\n", v.Block.Node())
	handle, err := launch(c, v)
	if err != nil {
		return err
	}
	if err := await(ctx, c, v, handle, began); err != nil {
		handle.Kill()
		return err
	}
	if err := writeEnv(c, v); err != nil {
		return err
	}
	return handle.Release()
}

// launch starts the node and connects it to the host.
func launch(c clone.Clone, v config.Values) (*node.Handle, error) {
	cgroups, err := host.MakeCgroups(c.Cgroup())
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(c.Log("node"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	handle, err := node.Launch(log)
	if err != nil {
		return nil, err
	}
	spec := node.Spec{Values: v, Data: c.Data(), Cache: c.Cache(), Cgroups: cgroups}
	if err := connect(c, v, handle, spec); err != nil {
		handle.Kill()
		return nil, err
	}
	return handle, nil
}

// connect records the node before anything else, so that it can be found
// should we end here.
func connect(c clone.Clone, v config.Values, handle *node.Handle, spec node.Spec) error {
	if err := writeIdentity(c, handle.PID); err != nil {
		return err
	}
	if err := host.Connect(c.Interface(), handle.PID, v.Block, v.MTU); err != nil {
		return err
	}
	if err := host.EnableForwarding(); err != nil {
		return err
	}
	if err := host.OpenFirewall(c.Chain(), c.Interface(), v.Block); err != nil {
		return err
	}
	return handle.Begin(spec)
}

// await waits until all components work, or one has ended.
func await(ctx context.Context, c clone.Clone, v config.Values, handle *node.Handle, began time.Time) error {
	checks, err := health.Cluster(c.In("pki"), v)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- health.All(limited, checks, func(component string) {
			fmt.Printf("  %-24s ready after %s\n", component, since(began))
		})
	}()
	select {
	case <-ctx.Done():
		return errInterrupted
	case err := <-done:
		return err
	case failure := <-handle.Ended():
		return failure
	}
}

func since(began time.Time) time.Duration { return time.Since(began).Round(100 * time.Millisecond) }
