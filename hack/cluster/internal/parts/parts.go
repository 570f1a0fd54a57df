// Package parts builds what the cluster consists of from pinned Go modules.
//
// Each part has a folder under hack/cluster/parts with a go.mod and go.sum of
// its own, which keeps its dependencies out of the product's. What is built is
// kept in a cache by version and by a hash of that folder.
package parts

// Part is one module and the executables that are built from it.
type Part struct {
	// Name is the part's folder.
	Name string
	// Module is whose version in go.mod is the part's version.
	Module string
	// Commands maps an executable's name to the package it is built from.
	Commands map[string]string
	// Links are further names of the only executable.
	Links []string
	// LDFlags set the version; $VERSION, $MAJOR and $MINOR are replaced.
	LDFlags []string
	// Takes is about how long a first build takes on two cores.
	Takes string
}

// All are the cluster's parts, the one that takes longest first.
var All = []Part{kubernetes, containerd, buildkit, registry, etcd, pause}

var kubernetes = Part{
	Name:     "kubernetes",
	Module:   "k8s.io/kubernetes",
	Commands: map[string]string{"kubernetes": "."},
	Links: []string{
		"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet", "kubectl",
	},
	// Clients parse these: without them the server is of version 0.0.
	LDFlags: []string{
		"k8s.io/component-base/version.gitVersion=$VERSION",
		"k8s.io/component-base/version.gitMajor=$MAJOR",
		"k8s.io/component-base/version.gitMinor=$MINOR",
		"k8s.io/client-go/pkg/version.gitVersion=$VERSION",
		"k8s.io/client-go/pkg/version.gitMajor=$MAJOR",
		"k8s.io/client-go/pkg/version.gitMinor=$MINOR",
	},
	Takes: "8 minutes",
}

var containerd = Part{
	Name:   "containerd",
	Module: "github.com/containerd/containerd/v2",
	Commands: map[string]string{
		"containerd":              "github.com/containerd/containerd/v2/cmd/containerd",
		"containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
		"ctr":                     "github.com/containerd/containerd/v2/cmd/ctr",
	},
	LDFlags: []string{"github.com/containerd/containerd/v2/version.Version=$VERSION"},
	Takes:   "a minute",
}

var buildkit = Part{
	Name:   "buildkit",
	Module: "github.com/moby/buildkit",
	Commands: map[string]string{
		"buildctl":  "github.com/moby/buildkit/cmd/buildctl",
		"buildkitd": "github.com/moby/buildkit/cmd/buildkitd",
	},
	LDFlags: []string{"github.com/moby/buildkit/version.Version=$VERSION"},
	Takes:   "2 minutes",
}

var registry = Part{
	Name:     "registry",
	Module:   "github.com/distribution/distribution/v3",
	Commands: map[string]string{"registry": "github.com/distribution/distribution/v3/cmd/registry"},
	LDFlags:  []string{"github.com/distribution/distribution/v3/version.version=$VERSION"},
	Takes:    "a minute",
}

var etcd = Part{
	Name:     "etcd",
	Module:   "go.etcd.io/etcd/server/v3",
	Commands: map[string]string{"etcd": "go.etcd.io/etcd/server/v3"},
	LDFlags:  []string{"go.etcd.io/etcd/api/v3/version.GitSHA=$VERSION"},
	Takes:    "a minute",
}

// pause has no module but ours: it is a few lines of the standard library.
var pause = Part{
	Name:     "pause",
	Commands: map[string]string{"pause": "."},
	Takes:    "5 seconds",
}
