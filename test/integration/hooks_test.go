//go:build integration

package integration

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	controllers "sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	served "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/respin-dev/respin/controllers/admission"
	answers "github.com/respin-dev/respin/internal/admission"
	"github.com/respin-dev/respin/internal/certificates"
	"github.com/respin-dev/respin/internal/rollout"
)

const (
	certificatesSecret = "respin-webhook-certificates"
	oldImage, newImage = "example.com/api:1", "example.com/api:2"
)

// hooks are our webhooks as the operator serves them, with its account's rights and no others, and as config/webhook
// declares them but for the address.
type hooks struct {
	t    *testing.T
	ns   string // the operator's own
	port int
	kept *certificates.Keeper
	// stop ends the operator.
	stop func()

	mu    sync.Mutex
	asked map[string]int // pods that were asked about, by their namespace
}

// For patches every pod's container app.
func (h *hooks) For(namespace string, pod *corev1.Pod) (string, []rollout.ContainerImage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked[namespace]++
	if pod.Spec.Containers[0].Image != oldImage {
		return "", nil
	}
	return "api-1", []rollout.ContainerImage{{Name: "app", Image: newImage}}
}

func (h *hooks) askedAbout() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.asked)
}

func newHooks(t *testing.T) *hooks {
	t.Helper()
	h := &hooks{t: t, ns: namespace(t), port: freePort(t), asked: map[string]int{}}
	for _, role := range objects(t, filepath.Join("..", "..", "config", "rbac", "webhook_certificates_role.yaml")) {
		role.SetNamespace(h.ns)
		create(t, role)
	}
	create(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: h.ns, Name: "webhook-certificates"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "webhook-certificates-role"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: operatorAccount}},
	})
	h.install()
	h.start()
	return h
}

// install installs config/webhook, with an address that this API server reaches.
func (h *hooks) install() {
	h.t.Helper()
	manifest := objects(h.t, filepath.Join("..", "..", "config", "webhook", "mutating_webhook_configuration.yaml"))[0]
	configuration := &admissionregistrationv1.MutatingWebhookConfiguration{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(manifest.Object, configuration, true); err != nil {
		h.t.Fatal(err)
	}
	configuration.Name = "respin-" + configuration.Name // as config/default does
	for i := range configuration.Webhooks {
		where := &configuration.Webhooks[i].ClientConfig
		where.URL, where.Service = new(fmt.Sprintf("https://localhost:%d%s", h.port, *where.Service.Path)), nil
	}
	create(h.t, configuration)
	h.t.Cleanup(func() {
		if err := live.Delete(context.Background(), configuration); err != nil {
			h.t.Errorf("removing the webhooks: %v", err)
		}
	})
}

// start serves as cmd/operator does.
func (h *hooks) start() {
	h.t.Helper()
	mgr, err := ctrl.NewManager(operatorsConfig(h.t), ctrl.Options{
		Scheme: scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
		Controller: controllers.Controller{SkipNameValidation: new(true)},
		Cache: cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{&admissionregistrationv1.MutatingWebhookConfiguration{}: {
				Field: fields.OneTermEqualSelector(metav1.ObjectNameField, admission.Configuration),
			}},
		},
	})
	h.must(err)
	h.kept = certificates.NewKeeper(mgr.GetAPIReader(), mgr.GetClient(),
		client.ObjectKey{Namespace: h.ns, Name: certificatesSecret}, []string{"localhost"}, time.Now)
	h.must(mgr.Add(h.kept))
	server := webhook.NewServer(webhook.Options{Port: h.port, TLSOpts: []func(*tls.Config){
		func(c *tls.Config) { c.GetCertificate = h.kept.GetCertificate },
	}})
	server.Register(answers.PathPods, &served.Webhook{Handler: answers.Pods(h)})
	server.Register(answers.PathApprovals, &served.Webhook{Handler: answers.Approvals()})
	h.must(mgr.Add(server))
	h.must((&admission.Reconciler{Client: mgr.GetClient(), Bundle: h.kept.Bundle, Changed: h.kept.Changed}).SetupWithManager(mgr))

	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("the operator ended with %v", err)
		}
	})
	h.t.Cleanup(h.stop)
}

func (h *hooks) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// becomes waits until something is so.
func (h *hooks) becomes(what string, so func() bool) {
	h.t.Helper()
	err := wait.PollUntilContextTimeout(h.t.Context(), 50*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return so(), nil
	})
	if err != nil {
		h.t.Fatalf("it never comes to be that %s", what)
	}
}

func (h *hooks) configuration() *admissionregistrationv1.MutatingWebhookConfiguration {
	h.t.Helper()
	found := &admissionregistrationv1.MutatingWebhookConfiguration{}
	h.must(live.Get(h.t.Context(), client.ObjectKey{Name: admission.Configuration}, found))
	return found
}

// pod creates a pod, and is what became of it.
func (h *hooks) pod(ns string, options ...client.CreateOption) *corev1.Pod {
	h.t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, GenerateName: "api-"},
		Spec: corev1.PodSpec{
			Containers:                   []corev1.Container{{Name: "app", Image: oldImage}},
			AutomountServiceAccountToken: new(false),
		},
	}
	h.must(live.Create(h.t.Context(), pod, options...))
	return pod
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
