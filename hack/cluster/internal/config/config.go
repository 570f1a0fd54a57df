// Package config writes the configuration files of the cluster's parts.
package config

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
)

//go:embed files
var files embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(files, "files/*"))

// Paths inside the node. They are the same for every checkout: the node has
// mounts of its own.
const (
	// Data is where the node sees the cluster's folder.
	Data = "/run/respin/cluster"
	// Parts is where the node sees the cache of built parts.
	Parts = "/run/respin/parts"
	// Bin is the folder of the built executables.
	Bin = Parts + "/bin"
	// Config is where the files of this package are.
	Config = Data + "/config"
	// PKI is where the certificates are.
	PKI = Data + "/pki"
	// Logs is where the logs are.
	Logs = Data + "/logs"
	// ContainerdSocket is containerd's.
	ContainerdSocket = "/run/containerd/containerd.sock"
)

// NodeName is the name of the only node.
const NodeName = "respin"

// PauseImage is the image that holds pods' namespaces. It is imported, never
// pulled.
const PauseImage = "respin.dev/pause:local"

// Values is what differs from cluster to cluster.
type Values struct {
	Block      block.Block
	Cgroup     string
	CNIPlugins string
	// MTU is the largest packet that the host's way out takes.
	MTU int
}

// API is where the API server listens.
func (v Values) API() string { return v.Block.Node().String() + ":6443" }

// Registry is where the registry listens.
func (v Values) Registry() string { return v.Block.Node().String() + ":5000" }

// BuildKit is where buildkitd listens.
func (v Values) BuildKit() string { return v.Block.Node().String() + ":1234" }

// Config, PKI, ContainerdSocket and PauseImage are for the templates.
func (Values) Config() string           { return Config }
func (Values) PKI() string              { return PKI }
func (Values) ContainerdSocket() string { return ContainerdSocket }
func (Values) PauseImage() string       { return PauseImage }

// placed says where under the config folder each template's result goes.
func placed(v Values) map[string]string {
	return map[string]string{
		"containerd.toml":   "containerd.toml",
		"hosts.toml":        filepath.Join("certs.d", v.Registry(), "hosts.toml"),
		"pods.conflist":     "net.d/pods.conflist",
		"builds.conflist":   "builds.conflist",
		"kubelet.yaml":      "kubelet.yaml",
		"kube-proxy.yaml":   "kube-proxy.yaml",
		"audit-policy.yaml": "audit-policy.yaml",
		"buildkitd.toml":    "buildkitd.toml",
		"registry.yml":      "registry.yml",
	}
}

// Write renders every file into dir.
func Write(dir string, v Values) error {
	for name, path := range placed(v) {
		if err := render(name, filepath.Join(dir, path), v); err != nil {
			return err
		}
	}
	return nil
}

func render(name, path string, values any) error {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, values); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}
