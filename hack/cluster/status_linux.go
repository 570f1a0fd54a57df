package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/health"
)

// status prints what works, and fails unless everything does.
func status(ctx context.Context, c clone.Clone) error {
	id, alive := readIdentity(c)
	if !alive {
		return errors.New("the cluster is down")
	}
	v, err := loadValues(c)
	if err != nil {
		return err
	}
	checks, err := health.Cluster(c.In("pki"), v)
	if err != nil {
		return err
	}
	fmt.Printf("node %s, process %d, logs in %s\n", v.Block.Node(), id.pid, c.In("logs"))
	return report(ctx, checks)
}

func report(ctx context.Context, checks []health.Check) error {
	var failed error
	for _, check := range checks {
		answer := "works"
		if err := check.Once(ctx); err != nil {
			answer = err.Error()
			failed = errors.New("not everything works: up repairs it")
		}
		fmt.Printf("  %-24s %s\n", check.Component, answer)
	}
	return failed
}
