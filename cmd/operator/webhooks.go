package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"os"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	served "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/respin-dev/respin/controllers/admission"
	answers "github.com/respin-dev/respin/internal/admission"
	"github.com/respin-dev/respin/internal/certificates"
)

// webhookOptions are the flags that say how webhooks are served.
type webhookOptions struct {
	port    int
	certDir string
	secret  string
	service string
	// namespace is the operator's own, and empty outside of a cluster, where no API server would find it.
	namespace string
}

func (o *webhookOptions) bind(flags *flag.FlagSet) {
	o.namespace = os.Getenv("POD_NAMESPACE")
	flags.IntVar(&o.port, "webhook-port", webhook.DefaultPort,
		"where webhooks are served; 0 serves none, nor does an operator without $POD_NAMESPACE")
	flags.StringVar(&o.certDir, "webhook-cert-dir", "",
		"folder with the webhooks' tls.crt and tls.key, as cert-manager makes them; by default the operator makes them itself")
	flags.StringVar(&o.secret, "webhook-certificates-secret", "respin-webhook-certificates",
		"Secret, in the operator's namespace, that keeps the certificates which the operator makes")
	flags.StringVar(&o.service, "webhook-service", "respin-webhook",
		"Service, in the operator's namespace, by which the API server reaches the webhooks")
}

func (o *webhookOptions) served() bool { return o.port != 0 && o.namespace != "" }

// names are those by which the API server, and whoever looks for what it sees, reaches the webhooks.
func (o *webhookOptions) names() []string {
	name := o.service + "." + o.namespace + ".svc"
	return []string{name, name + ".cluster.local"}
}

// addWebhooks has every replica serve the webhooks, and the leader keep their configuration true. Patches are what pods
// are patched with as they are created; without them none is.
func addWebhooks(mgr manager.Manager, o webhookOptions, patches answers.Patches) error {
	if !o.served() {
		ctrl.Log.Info("serving no webhooks: pods are not patched as they are created, and nobody records who approves a run")
		return nil
	}
	configuration := &admission.Reconciler{Client: mgr.GetClient()}
	settings := webhook.Options{Port: o.port, CertDir: o.certDir, TLSOpts: []func(*tls.Config){modern}}
	if o.certDir == "" {
		kept := certificates.NewKeeper(mgr.GetAPIReader(), mgr.GetClient(),
			client.ObjectKey{Namespace: o.namespace, Name: o.secret}, o.names(), time.Now)
		if err := mgr.Add(kept); err != nil {
			return fmt.Errorf("adding the webhooks' certificates: %w", err)
		}
		configuration.Bundle, configuration.Changed = kept.Bundle, kept.Changed
		settings.TLSOpts = append(settings.TLSOpts, func(c *tls.Config) { c.GetCertificate = kept.GetCertificate })
	}
	server := webhook.NewServer(settings)
	server.Register(answers.PathPods, &served.Webhook{Handler: answers.Pods(patches)})
	server.Register(answers.PathApprovals, &served.Webhook{Handler: answers.Approvals()})
	if err := mgr.Add(server); err != nil {
		return fmt.Errorf("adding the webhook server: %w", err)
	}
	if err := configuration.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the webhooks' controller: %w", err)
	}
	return nil
}

// modern is what API servers have spoken for long.
func modern(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }
