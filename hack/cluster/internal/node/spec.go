// Package node runs a Kubernetes node in namespaces of its own: processes,
// mounts, network and host name. One process, the first of those namespaces,
// starts everything else. When it ends the kernel ends all others and takes
// back their mounts, interfaces and firewall rules, so that nothing is left
// behind however it ended.
package node

import "github.com/respin-dev/respin/hack/cluster/internal/config"

// Spec is what the node's first process is told.
type Spec struct {
	config.Values
	// Data is the cluster's folder and Cache that of the built parts, as the
	// host sees them.
	Data, Cache string
	// Cgroups are the folders of the control groups that the node's own
	// processes join.
	Cgroups []string
}
