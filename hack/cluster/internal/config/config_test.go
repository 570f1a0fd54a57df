package config

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
	"github.com/respin-dev/respin/hack/cluster/internal/pki"
)

var testValues = Values{
	Block:      block.Block{Prefix: netip.MustParsePrefix("10.77.12.0/22")},
	Cgroup:     "respin-1234abcd",
	CNIPlugins: "/usr/lib/cni",
	MTU:        1400,
}

func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(dir, testValues); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEveryFileIsWritten(t *testing.T) {
	dir := written(t)
	for file, want := range map[string]string{
		"containerd.toml":                    `sandbox = "respin.dev/pause:local"`,
		"certs.d/10.77.12.2:5000/hosts.toml": `server = "http://10.77.12.2:5000"`,
		"kubelet.yaml":                       "cgroupRoot: /respin-1234abcd",
		"kube-proxy.yaml":                    "clusterCIDR: 10.77.13.0/24",
		"buildkitd.toml":                     `address = ["tcp://10.77.12.2:1234"]`,
		"registry.yml":                       "addr: 10.77.12.2:5000",
		"audit-policy.yaml":                  "system:serviceaccounts",
	} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(content), want) {
			t.Errorf("%s does not say %s:\n%s", file, want, content)
		}
	}
}

func TestNetworksAreValidJSON(t *testing.T) {
	dir := written(t)
	for _, file := range []string{"net.d/pods.conflist", "builds.conflist"} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(content) {
			t.Errorf("%s is no JSON:\n%s", file, content)
		}
	}
}

func TestKubeconfigHoldsItsCertificates(t *testing.T) {
	dir := t.TempDir()
	certs := filepath.Join(dir, "pki")
	if err := pki.Ensure(certs, NodeName, testValues.Block); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kubeconfig")
	if err := WriteKubeconfig(file, certs, "admin", testValues); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "server: https://10.77.12.2:6443") || strings.Contains(string(content), dir) {
		t.Errorf("got\n%s", content)
	}
}

func TestNameServersOnLoopbackAreLeftOut(t *testing.T) {
	got := reachable("search example.com\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.53\n")
	if want := "search example.com\nnameserver 192.0.2.53\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
