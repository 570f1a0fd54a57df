package node

import (
	"github.com/respin-dev/respin/hack/cluster/internal/config"
	"github.com/respin-dev/respin/hack/cluster/internal/health"
	"github.com/respin-dev/respin/hack/cluster/internal/pki"
)

// component is a process of the node. Its name is also that of its executable
// and of its log.
type component struct {
	name string
	args []string
}

// etcdAddress is on the loopback of the node's own network: neither pods nor
// the host reach it.
const etcdAddress = "127.0.0.1:2379"

// pauseImport is no daemon: it ends when the image is there.
var pauseImport = component{"ctr", []string{
	"--namespace=k8s.io", "--address=" + config.ContainerdSocket,
	"images", "import", config.Config + "/pause.tar",
}}

// foundation is what needs nothing but the node.
func foundation() []component {
	return []component{
		etcd(),
		{"containerd", []string{"--config=" + config.Config + "/containerd.toml"}},
		{"registry", []string{"serve", config.Config + "/registry.yml"}},
		{"buildkitd", []string{"--config=" + config.Config + "/buildkitd.toml"}},
	}
}

func etcd() component {
	return component{"etcd", []string{
		"--name=" + config.NodeName,
		"--data-dir=/var/lib/etcd",
		"--listen-client-urls=http://" + etcdAddress,
		"--advertise-client-urls=http://" + etcdAddress,
		"--listen-peer-urls=http://127.0.0.1:2380",
		"--initial-advertise-peer-urls=http://127.0.0.1:2380",
		"--initial-cluster=" + config.NodeName + "=http://127.0.0.1:2380",
		// Data of a development cluster need not outlive a power failure.
		"--unsafe-no-fsync",
		"--log-level=warn",
	}}
}

func apiServer(s Spec) component {
	return component{"kube-apiserver", []string{
		"--etcd-servers=http://" + etcdAddress,
		"--advertise-address=" + s.Block.Node().String(),
		"--service-cluster-ip-range=" + s.Block.Services().String(),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--client-ca-file=" + cert("ca"),
		"--tls-cert-file=" + cert("serving"),
		"--tls-private-key-file=" + key("serving"),
		"--kubelet-certificate-authority=" + cert("ca"),
		"--kubelet-client-certificate=" + cert("apiserver"),
		"--kubelet-client-key=" + key("apiserver"),
		"--kubelet-preferred-address-types=InternalIP",
		"--requestheader-client-ca-file=" + cert("front-proxy-ca"),
		"--requestheader-allowed-names=" + pki.FrontProxy,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + cert("front-proxy"),
		"--proxy-client-key-file=" + key("front-proxy"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + key("service-account"),
		"--service-account-signing-key-file=" + key("service-account"),
		"--audit-policy-file=" + config.Config + "/audit-policy.yaml",
		"--audit-log-path=" + config.Data + "/audit.log",
		// One file, however long: tests read it from the beginning.
		"--audit-log-maxsize=4096",
	}}
}

// kubernetes is what needs the API server.
func kubernetes() []component {
	return []component{
		controllerManager(),
		{"kube-scheduler", append(identity("scheduler"),
			"--authentication-kubeconfig="+kubeconfig("scheduler"),
			"--authorization-kubeconfig="+kubeconfig("scheduler"),
			"--tls-cert-file="+cert("serving"),
			"--tls-private-key-file="+key("serving"),
			"--leader-elect=false")},
		{"kubelet", append(identity("kubelet"),
			"--config="+config.Config+"/kubelet.yaml",
			"--hostname-override="+config.NodeName)},
		{"kube-proxy", []string{
			"--config=" + config.Config + "/kube-proxy.yaml",
			"--hostname-override=" + config.NodeName,
		}},
	}
}

func controllerManager() component {
	return component{"kube-controller-manager", append(identity("controller-manager"),
		"--authentication-kubeconfig="+kubeconfig("controller-manager"),
		"--authorization-kubeconfig="+kubeconfig("controller-manager"),
		"--tls-cert-file="+cert("serving"),
		"--tls-private-key-file="+key("serving"),
		"--root-ca-file="+cert("ca"),
		"--cluster-signing-cert-file="+cert("ca"),
		"--cluster-signing-key-file="+key("ca"),
		"--service-account-private-key-file="+key("service-account"),
		"--leader-elect=false",
	)}
}

func identity(user string) []string { return []string{"--kubeconfig=" + kubeconfig(user)} }

func kubeconfig(user string) string { return config.Config + "/" + user + ".kubeconfig" }

func cert(name string) string { return config.PKI + "/" + name + ".crt" }

func key(name string) string { return config.PKI + "/" + name + ".key" }

func apiServerCheck(s Spec) (health.Check, error) {
	return health.APIServer(config.PKI, s.Values)
}
