package bench

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	served "sigs.k8s.io/controller-runtime/pkg/webhook/admission"
	"sigs.k8s.io/yaml"

	answers "github.com/respin-dev/respin/internal/admission"
	"github.com/respin-dev/respin/internal/rollout"
	"github.com/respin-dev/respin/test/cluster"
)

const (
	original = "registry.example.com/shop/api:1"
	patched  = "registry.example.com/shop/api:1-respin@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
)

// hook is the webhook for pods, served by this process to the cluster, with the time that each answer took here.
type hook struct {
	mu   sync.Mutex
	took []time.Duration
}

// For patches the container app of every pod.
func (*hook) For(string, *corev1.Pod) (string, []rollout.ContainerImage) {
	return "api-1", []rollout.ContainerImage{{Name: "app", Image: patched}}
}

// newHook serves the webhook, and has the API server ask it about the pods of a namespace and of no other.
func newHook(b *testing.B, ns *cluster.Namespace) *hook {
	b.Helper()
	address := cluster.SkipWithout(b, cluster.HostIP)
	h := &hook{}
	handler := &served.Webhook{Handler: answers.Pods(h)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		handler.ServeHTTP(w, r)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.took = append(h.took, time.Since(begun))
	}))
	var config net.ListenConfig
	listener, err := config.Listen(b.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		b.Fatalf("listening where the cluster reaches: %v", err)
	}
	_ = server.Listener.Close()
	pair, authority := certificate(b, net.ParseIP(address))
	server.Listener, server.EnableHTTP2, server.TLS = listener, true, &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	b.Cleanup(server.Close)
	install(b, ns, server.URL+answers.PathPods, authority)
	return h
}

func (h *hook) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took = nil
}

// install installs the webhook as config/webhook declares it, under another name.
func install(b *testing.B, ns *cluster.Namespace, url string, authority []byte) {
	b.Helper()
	text, err := os.ReadFile("../../config/webhook/mutating_webhook_configuration.yaml")
	if err != nil {
		b.Fatal(err)
	}
	var configuration admissionregistrationv1.MutatingWebhookConfiguration
	if err := yaml.UnmarshalStrict(text, &configuration); err != nil {
		b.Fatal(err)
	}
	configuration.Name = ns.Name
	configuration.Webhooks = configuration.Webhooks[:1]
	pods := &configuration.Webhooks[0]
	pods.ClientConfig = admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: authority}
	pods.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: ns.Name}}
	if err := ns.Create(b.Context(), &configuration); err != nil {
		b.Fatalf("installing the webhook: %v", err)
	}
	b.Cleanup(func() {
		if err := ns.Delete(context.Background(), &configuration); err != nil {
			b.Errorf("removing the webhook: %v", err)
		}
	})
}

// certificate is one for an address, which signed itself.
func certificate(b *testing.B, address net.IP) (tls.Certificate, []byte) {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		IPAddresses: []net.IP{address}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
