// Command cluster runs a real Kubernetes cluster of one node on this machine,
// with a registry and BuildKit beside it, all built from Go modules.
//
//	cluster build    build the parts
//	cluster up       start the cluster, or repair it
//	cluster status   say what works
//	cluster down     end the cluster and delete its data
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = "usage: cluster build | up | status | down"

// elsewhere is what to do where the cluster cannot run.
const elsewhere = `Use a cluster that you already have instead: set KUBECONFIG to reach it, REGISTRY to
a registry that it pulls from, and BUILDKIT_HOST to a buildkitd that pushes there.
"make deploy" and "make demo" work against those too`

var errUsage = errors.New(usage)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
