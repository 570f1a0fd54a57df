//go:build integration

// Package integration tests Respin's parts together against a real API server, started for the tests alone.
package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// The API server of these tests: etcd and kube-apiserver alone, without controllers, so that nothing but the test acts.
var (
	environment envtest.Environment
	config      *rest.Config
	live        client.WithWatch
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(withServer(m.Run))
}

func withServer(run func() int) int {
	binaries := os.Getenv("CLUSTER_BIN")
	if binaries == "" {
		fmt.Fprintln(os.Stderr, "CLUSTER_BIN does not name the folder of etcd and kube-apiserver: source .cluster/env first")
		return 1
	}
	environment = envtest.Environment{
		BinaryAssetsDirectory: binaries,
		CRDDirectoryPaths:     []string{filepath.Join("..", "..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
		Scheme:                scheme(),
	}
	var err error
	if config, err = environment.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting an API server:", err)
		return 1
	}
	defer func() { utilruntime.HandleError(environment.Stop()) }()
	config.QPS, config.Burst = 500, 500
	if live, err = client.NewWithWatch(config, client.Options{Scheme: scheme()}); err != nil {
		fmt.Fprintln(os.Stderr, "making a client:", err)
		return 1
	}
	live = counting(live)
	return run()
}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(respinv1alpha1.AddToScheme(s))
	return s
}

// namespace makes a namespace for one test. Nothing has to delete it: the server ends with the tests.
func namespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "respin-test-"}}
	if err := live.Create(t.Context(), ns); err != nil {
		t.Fatalf("creating a namespace: %v", err)
	}
	return ns.Name
}
