package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/admission"
	"github.com/respin-dev/respin/internal/registry"
)

// options are the operator's flags.
type options struct {
	metricsAddress  string
	probeAddress    string
	leaderElect     bool
	leaseNamespace  string
	buildkitAddress string
	buildkitTLSDir  string
	plainHTTP       list
	internal        list
	mirrors         mirrors
	layerFacts      string
	maxBuilds       int
	maxRollouts     int
	webhooks        webhookOptions
}

func (o *options) bind(flags *flag.FlagSet) {
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", ":8080", "where metrics are served; 0 serves none")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "where /healthz and /readyz are served")
	flags.BoolVar(&o.leaderElect, "leader-elect", false, "work only while holding the lease, so that one of several replicas does")
	flags.StringVar(&o.leaseNamespace, "leader-election-namespace", os.Getenv("POD_NAMESPACE"),
		"where the lease is; the pod's own namespace by default")
	flags.StringVar(&o.buildkitAddress, "buildkit-addr", os.Getenv("BUILDKIT_HOST"),
		"BuildKit's address, tcp://host:port or unix:///path; $BUILDKIT_HOST by default")
	flags.StringVar(&o.buildkitTLSDir, "buildkit-tls-dir", os.Getenv("BUILDKIT_TLS_DIR"),
		"folder with ca.pem, cert.pem and key.pem for BuildKit; $BUILDKIT_TLS_DIR by default, none for no TLS")
	flags.Var(&o.plainHTTP, "plain-http-registries",
		"registries, host:port separated by commas, that are spoken to in plain HTTP and may have an internal address")
	flags.Var(&o.internal, "internal-registries",
		"registries, host:port separated by commas, that may have an internal address")
	flags.Var(&o.mirrors, "registry-mirrors",
		"registry=mirror pairs separated by commas; images are read from the mirror first, as in docker.io=mirror.example.com/hub")
	flags.StringVar(&o.layerFacts, "layer-facts-dir", "",
		"folder that keeps across restarts what is known of layers' files; none keeps it in memory only")
	flags.IntVar(&o.maxRollouts, "max-concurrent-rollouts", 10,
		"how many workloads in the whole cluster may be rolling out or baking at a time; 0 for any number")
	flags.IntVar(&o.maxBuilds, "max-concurrent-builds", 2, "how many images are built at a time")
	o.webhooks.bind(flags)
}

// list is a flag's value: words separated by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

// Set takes the place of what was set before.
func (l *list) Set(value string) error {
	*l = nil
	for _, word := range strings.Split(value, ",") {
		if word = strings.TrimSpace(word); word != "" {
			*l = append(*l, word)
		}
	}
	return nil
}

// mirrors are a flag's value: registry=mirror pairs separated by commas. A registry may have several.
type mirrors map[string][]string

func (m *mirrors) String() string {
	var pairs []string
	for _, registry := range slices.Sorted(maps.Keys(*m)) {
		for _, mirror := range (*m)[registry] {
			pairs = append(pairs, registry+"="+mirror)
		}
	}
	return strings.Join(pairs, ",")
}

// Set takes the place of what was set before.
func (m *mirrors) Set(value string) error {
	var pairs list
	if err := pairs.Set(value); err != nil {
		return err
	}
	*m = mirrors{}
	for _, pair := range pairs {
		registry, mirror, ok := strings.Cut(pair, "=")
		if !ok || registry == "" || mirror == "" {
			return fmt.Errorf("%q is not of the form registry=mirror, as in docker.io=mirror.example.com/hub", pair)
		}
		(*m)[registry] = append((*m)[registry], mirror)
	}
	return nil
}

// registries say how registries are spoken to.
func (o *options) registries() registry.Options {
	return registry.Options{
		PlainHTTP: o.plainHTTP, Internal: o.internal, Mirrors: o.mirrors, FactsDir: o.layerFacts, Log: ctrl.Log.WithName("registry"),
		UserAgent: "respin-operator/" + version,
	}
}

// manager are the options that controller-runtime takes. The cache holds no managed fields, and of pods only what is
// looked at.
func (o *options) manager() ctrl.Options {
	return ctrl.Options{
		Scheme:                  scheme(),
		Metrics:                 metricsserver.Options{BindAddress: o.metricsAddress},
		HealthProbeBindAddress:  o.probeAddress,
		LeaderElection:          o.leaderElect,
		LeaderElectionID:        "operator.respin.dev",
		LeaderElectionNamespace: o.leaseNamespace,
		// A process that ends gives its lease up at once: nothing is done after the manager has stopped.
		LeaderElectionReleaseOnCancel: true,
		Cache: cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				&corev1.Pod{}: {Transform: trimPod},
				// The operator may list no other.
				&admissionregistrationv1.MutatingWebhookConfiguration{}: {
					Field: fields.OneTermEqualSelector(metav1.ObjectNameField, admission.Configuration),
				},
			},
		},
	}
}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(respinv1alpha1.AddToScheme(s))
	return s
}

// ownPrefix is what the keys of our annotations begin with.
const ownPrefix = "respin.dev/"

// trimPod keeps of a pod what is looked at: its labels, owners, node, containers' images, restart policy and pull secrets,
// its containers' statuses, and our own annotations. Where there are only others an empty map stays: what patches
// annotations has to know whether there are any.
func trimPod(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	pod.ManagedFields = nil
	maps.DeleteFunc(pod.Annotations, func(key, _ string) bool { return !strings.HasPrefix(key, ownPrefix) })
	spec := corev1.PodSpec{
		NodeName: pod.Spec.NodeName, RestartPolicy: pod.Spec.RestartPolicy, ImagePullSecrets: pod.Spec.ImagePullSecrets,
	}
	for _, c := range pod.Spec.InitContainers {
		spec.InitContainers = append(spec.InitContainers, corev1.Container{Name: c.Name, Image: c.Image})
	}
	for _, c := range pod.Spec.Containers {
		spec.Containers = append(spec.Containers, corev1.Container{Name: c.Name, Image: c.Image})
	}
	pod.Spec = spec
	return pod, nil
}
