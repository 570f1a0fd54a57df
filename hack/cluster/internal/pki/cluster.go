package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"

	"github.com/respin-dev/respin/hack/cluster/internal/block"
)

// FrontProxy is the name of the API server towards API servers behind it.
const FrontProxy = "front-proxy"

// Registries is the folder of the authority whose servers builds and pulls
// trust. Its key is there too, for whoever starts such a server.
const Registries = "registries"

// masters is the group that may do everything.
const masters = "system:masters"

// clients are who speaks to the API server, by the name of their files. The
// names and groups are those that Kubernetes' own RBAC rules expect.
func clients(node string) map[string]Subject {
	return map[string]Subject{
		"admin":     {Name: "admin", Groups: []string{masters}},
		"apiserver": {Name: "kube-apiserver", Groups: []string{masters}}, // to the kubelet
		// Its rules allow it no more than to get each controller an account of
		// its own. Those would fill the audit log, so it acts by itself.
		"controller-manager": {Name: "system:kube-controller-manager", Groups: []string{masters}},
		"scheduler":          {Name: "system:kube-scheduler"},
		"kube-proxy":         {Name: "system:kube-proxy"},
		"kubelet":            {Name: "system:node:" + node, Groups: []string{"system:nodes"}},
	}
}

// Ensure makes the cluster's certificates in dir, unless they are there.
func Ensure(dir, node string, b block.Block) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	// They appear all at once: an interrupted run leaves none behind.
	next := dir + ".next"
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(next, "buildkit", "client"), 0o700); err != nil {
		return err
	}
	if err := writeAll(next, node, b); err != nil {
		return err
	}
	return os.Rename(next, dir)
}

func writeAll(dir, node string, b block.Block) error {
	if err := writeKubernetes(dir, node, b); err != nil {
		return err
	}
	if err := writeServiceAccountKey(dir); err != nil {
		return err
	}
	if err := writeFrontProxy(dir); err != nil {
		return err
	}
	if err := writeRegistries(filepath.Join(dir, Registries)); err != nil {
		return err
	}
	return writeBuildKit(filepath.Join(dir, "buildkit"), b)
}

func writeKubernetes(dir, node string, b block.Block) error {
	authority, err := NewAuthority("respin-cluster")
	if err != nil {
		return err
	}
	subjects := clients(node)
	subjects["serving"] = serving(node, b)
	for name, subject := range subjects {
		if err := issue(authority, dir, name, subject); err != nil {
			return err
		}
	}
	return write(dir, "ca", authority.Pair)
}

// serving is the one certificate that the API server, the kubelet and the
// other daemons show: they all answer at the node's address.
func serving(node string, b block.Block) Subject {
	return Subject{
		Name: node,
		IPs:  []net.IP{b.Node().AsSlice(), b.APIService().AsSlice(), net.IPv4(127, 0, 0, 1)},
		DNS: []string{
			node, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local",
		},
	}
}

// writeFrontProxy is for API servers that are registered with this one, which
// passes on to them whom it speaks for.
func writeFrontProxy(dir string) error {
	authority, err := NewAuthority("respin-front-proxy")
	if err != nil {
		return err
	}
	if err := issue(authority, dir, "front-proxy", Subject{Name: FrontProxy}); err != nil {
		return err
	}
	return write(dir, "front-proxy-ca", authority.Pair)
}

// writeRegistries makes an authority for registries that the cluster does not
// run: those of tests, each at a port of its own.
func writeRegistries(dir string) error {
	authority, err := NewAuthority("respin-registries")
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return write(dir, "ca", authority.Pair)
}

// writeBuildKit uses an authority of its own: who may speak to the API server
// is not thereby allowed to build, nor the other way round.
func writeBuildKit(dir string, b block.Block) error {
	authority, err := NewAuthority("respin-buildkit")
	if err != nil {
		return err
	}
	server := Subject{Name: "buildkitd", IPs: []net.IP{b.Node().AsSlice()}}
	if err := issue(authority, dir, "server", server); err != nil {
		return err
	}
	if err := write(dir, "ca", authority.Pair); err != nil {
		return err
	}
	return writeBuildKitClient(authority, filepath.Join(dir, "client"))
}

// writeBuildKitClient uses the names that buildctl's --tlsdir looks for.
func writeBuildKitClient(authority *Authority, dir string) error {
	pair, err := authority.Issue(Subject{Name: "respin"})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ca.pem": authority.Cert, "cert.pem": pair.Cert, "key.pem": pair.Key,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func writeServiceAccountKey(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	encoded, err := EncodeKey(key)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "service-account.key"), encoded, 0o600)
}

func issue(a *Authority, dir, name string, s Subject) error {
	pair, err := a.Issue(s)
	if err != nil {
		return err
	}
	return write(dir, name, pair)
}

func write(dir, name string, p Pair) error {
	if err := os.WriteFile(filepath.Join(dir, name+".crt"), p.Cert, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".key"), p.Key, 0o600)
}
