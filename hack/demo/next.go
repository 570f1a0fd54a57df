package main

import (
	"os"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// whatNext prints commands that can be copied.
func (d *demo) whatNext() {
	n := " -n " + d.namespace
	d.Heading("What to try next")
	d.Plain(screen.Table([][]string{
		{sourceLine(), "# makes kubectl know the cluster, in this shell"},
		{"make build && bin/kubectl-respin status" + n, "# policy, base, image, workload, and the pods that run patched"},
		{"kubectl describe patchruns" + n, "# every step, with its time and its reason"},
		{"kubectl get patchpolicies" + n + " -o yaml", "# which image stands on which base, and how that is known"},
		{"kubectl rollout history deployment/" + workload + n, "# one rollout for each patch"},
		{"hack/demo/run.sh publish", "# one more base: it is followed too, with nobody touching it"},
		{"kubectl get patchruns" + n + " --watch", "# and this is where that is seen"},
		{"make demo-clean", "# undoes the demo"},
	}))
}

// sourceLine makes the cluster known to a shell.
func sourceLine() string {
	if os.Getenv("CLUSTER_BIN") != "" {
		return ". .cluster/env"
	}
	return "export KUBECONFIG=" + os.Getenv("KUBECONFIG")
}
