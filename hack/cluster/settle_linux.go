package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/config"
	"github.com/respin-dev/respin/hack/cluster/internal/envfile"
	"github.com/respin-dev/respin/hack/cluster/internal/host"
	"github.com/respin-dev/respin/hack/cluster/internal/pause"
	"github.com/respin-dev/respin/hack/cluster/internal/pki"
)

// settle writes all that the node reads: certificates, configuration and the
// pause image.
func settle(c clone.Clone) (config.Values, error) {
	if err := os.MkdirAll(c.In("logs"), 0o755); err != nil {
		return config.Values{}, err
	}
	v, err := chooseValues(c)
	if err != nil {
		return v, err
	}
	if err := pki.Ensure(c.In("pki"), config.NodeName, v.Block); err != nil {
		return v, err
	}
	if err := writeConfig(c.In("config"), c.In("pki"), v); err != nil {
		return v, err
	}
	if err := config.WriteKubeconfig(c.In("kubeconfig"), c.In("pki"), "admin", v); err != nil {
		return v, err
	}
	return v, pause.WriteArchive(c.In("config", "pause.tar"), filepath.Join(c.Bin(), "pause"), config.PauseImage)
}

func writeConfig(dir, pki string, v config.Values) error {
	if err := config.Write(dir, v); err != nil {
		return err
	}
	if err := config.WriteKubeconfigs(dir, pki, v); err != nil {
		return err
	}
	return config.WriteResolvConf(filepath.Join(dir, "resolv.conf"))
}

// chooseValues keeps the addresses of a cluster that was up before, as its
// certificates and images carry them.
func chooseValues(c clone.Clone) (config.Values, error) {
	taken, err := host.TakenNetworks(c.Interface())
	if err != nil {
		return config.Values{}, err
	}
	v, err := loadValues(c)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.Block, err = block.Choose(seed(c), taken)
	case err == nil && !v.Block.Free(taken):
		err = fmt.Errorf("something else on this host uses %s by now: run down, then up", v.Block.Prefix)
	}
	if err != nil {
		return v, err
	}
	v.Cgroup, v.CNIPlugins, v.MTU = c.Cgroup(), host.PluginFolder(), host.MTU()
	return v, saveValues(c, v)
}

func seed(c clone.Clone) uint32 {
	h := fnv.New32a()
	h.Write([]byte(c.ID))
	return h.Sum32()
}

func loadValues(c clone.Clone) (config.Values, error) {
	var v config.Values
	content, err := os.ReadFile(c.In("cluster.json"))
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(content, &v)
}

func saveValues(c clone.Clone, v config.Values) error {
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(c.In("cluster.json"), content, 0o644)
}

// loginRegistries are the addresses of the host that are kept for registries of tests: the operator, which has to be told
// which registries are internal when it is deployed, is told of these.
func loginRegistries(host string) string {
	var all []string
	for _, port := range []string{"5443", "5444", "5445", "5446", "5447", "5448"} {
		all = append(all, net.JoinHostPort(host, port))
	}
	return strings.Join(all, ",")
}

// writeEnv tells shells and tests where everything is.
func writeEnv(c clone.Clone, v config.Values) error {
	return envfile.Write(c.In("env"), []envfile.Var{
		{Key: "KUBECONFIG", Value: c.In("kubeconfig")},
		{Key: "REGISTRY", Value: v.Registry()},
		{Key: "BUILDKIT_HOST", Value: "tcp://" + v.BuildKit()},
		{Key: "BUILDKIT_TLS_DIR", Value: c.In("pki", "buildkit", "client")},
		{Key: "HOST_IP", Value: v.Block.Host().String()},
		{Key: "REGISTRY_CA_DIR", Value: c.In("pki", pki.Registries)},
		{Key: "LOGIN_REGISTRIES", Value: loginRegistries(v.Block.Host().String())},
		{Key: "AUDIT_LOG", Value: c.In("audit.log")},
		{Key: "REGISTRY_LOG", Value: c.Log("registry")},
		{Key: "CLUSTER_BIN", Value: c.Bin()},
	})
}
