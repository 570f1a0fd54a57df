package cluster

import (
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Cluster is a connection to the cluster, as its administrator.
type Cluster struct {
	client.Client
	Config *rest.Config
	// Kubernetes is for what a plain client does not do: logs and tokens.
	Kubernetes kubernetes.Interface
}

var connected = sync.OnceValues(connect)

// Connect is the connection that all tests of a process share.
func Connect(t testing.TB) *Cluster {
	t.Helper()
	c, err := connected()
	if err != nil {
		t.Fatalf("connecting to the cluster: %v", err)
	}
	return c
}

func connect() (*Cluster, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst, config.UserAgent = -1, -1, "respin-tests"
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := respinv1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	plain, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	more, err := kubernetes.NewForConfig(config)
	return &Cluster{Client: plain, Config: config, Kubernetes: more}, err
}
