package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/respin-dev/respin/hack/cluster/internal/config"
)

// Cluster returns the checks of everything that runs, in the order in which
// the components become ready. The folder holds the cluster's certificates.
func Cluster(pki string, v config.Values) ([]Check, error) {
	client, err := newClient(pki)
	if err != nil {
		return nil, err
	}
	buildkit, err := buildkitTLS(pki)
	if err != nil {
		return nil, err
	}
	node := "https://" + v.Block.Node().String()
	return []Check{
		{"registry", client.answers("http://" + v.Registry() + "/v2/")},
		{"buildkitd", handshake(v.BuildKit(), buildkit)},
		{"kube-apiserver", client.answers("https://" + v.API() + "/readyz")},
		{"kube-scheduler", client.answers(node + ":10259/healthz")},
		{"kube-controller-manager", client.hasServiceAccount("https://" + v.API())},
		{"kube-proxy", client.answers("https://" + v.Block.APIService().String() + "/readyz")},
		{"kubelet", both(client.answers(node+":10250/healthz"), client.hasReadyNode("https://"+v.API()))},
	}, nil
}

// APIServer is the check of the API server alone, from inside the node.
func APIServer(pki string, v config.Values) (Check, error) {
	client, err := newClient(pki)
	return Check{"kube-apiserver", client.answers("https://" + v.API() + "/readyz")}, err
}

// client speaks HTTP as the cluster's administrator.
type client struct{ *http.Client }

func newClient(pki string) (client, error) {
	tlsConfig, err := load(filepath.Join(pki, "ca.crt"), filepath.Join(pki, "admin.crt"), filepath.Join(pki, "admin.key"))
	if err != nil {
		return client{}, err
	}
	// No proxy: the cluster is on this machine.
	return client{&http.Client{Transport: &http.Transport{TLSClientConfig: tlsConfig}}}, nil
}

func buildkitTLS(pki string) (*tls.Config, error) {
	at := func(name string) string { return filepath.Join(pki, "buildkit", "client", name) }
	return load(at("ca.pem"), at("cert.pem"), at("key.pem"))
}

func load(ca, cert, key string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func handshake(addr string, c *tls.Config) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&tls.Dialer{Config: c}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

func both(first, second func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		return second(ctx)
	}
}

func (c client) answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.get(ctx, url)
		return err
	}
}

func (c client) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, response.Status)
	}
	return body, err
}

// hasServiceAccount asks for what the controller manager makes in every
// namespace, and what every pod needs.
func (c client) hasServiceAccount(api string) func(context.Context) error {
	return c.answers(api + "/api/v1/namespaces/default/serviceaccounts/default")
}

func (c client) hasReadyNode(api string) func(context.Context) error {
	return func(ctx context.Context) error {
		body, err := c.get(ctx, api+"/api/v1/nodes/"+config.NodeName)
		if err != nil {
			return err
		}
		return readyNode(body)
	}
}

// readyNode wants more than the condition Ready: a new node keeps a taint for a
// moment longer, and pods would have to wait.
func readyNode(content []byte) error {
	var n struct {
		Spec   struct{ Taints []struct{ Key string } }
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := json.Unmarshal(content, &n); err != nil {
		return err
	}
	for _, t := range n.Spec.Taints {
		return fmt.Errorf("node %s has the taint %s", config.NodeName, t.Key)
	}
	for _, c := range n.Status.Conditions {
		if c.Type == "Ready" && c.Status == "True" {
			return nil
		}
	}
	return fmt.Errorf("condition Ready of node %s: %w", config.NodeName, errEmpty)
}

// Dial is the check of something that takes connections.
func Dial(component, network, addr string) Check {
	return Check{component, func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}}
}
