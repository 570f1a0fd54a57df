// Package operator is the part of the tests' vocabulary that runs the operator: as it is deployed, or as a process of
// this host that can be killed at exact moments, with the same rights.
package operator

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/respin-dev/respin/test/cluster"
)

// Names of what "make deploy" makes.
const (
	Name           = "respin-controller-manager"
	ServiceAccount = "respin-controller-manager"
)

// StandsAside scales the deployed operator to zero for the time of a test, two of them would both act, and returns how
// many replicas it had.
func StandsAside(t testing.TB) int32 {
	t.Helper()
	c := cluster.Connect(t)
	deployed := &appsv1.Deployment{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: cluster.OperatorNamespace, Name: Name}, deployed); err != nil {
		t.Fatalf("finding the operator that \"make deploy\" installs: %v", err)
	}
	before := *deployed.Spec.Replicas
	t.Cleanup(func() { comesBack(t, c, before) })
	if err := scale(t.Context(), c, 0); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, time.Minute, "the deployed operator stands aside", func() string {
		var pods corev1.PodList
		err := c.List(t.Context(), &pods, client.InNamespace(cluster.OperatorNamespace))
		if err != nil || len(pods.Items) > 0 {
			return fmt.Sprintf("%d pods, %v", len(pods.Items), err)
		}
		return ""
	})
	return before
}

func scale(ctx context.Context, c *cluster.Cluster, replicas int32) error {
	object := &appsv1.Deployment{}
	object.Namespace, object.Name = cluster.OperatorNamespace, Name
	patch := fmt.Sprintf(`{"spec":{"replicas":%d}}`, replicas)
	return c.Patch(ctx, object, client.RawPatch("application/merge-patch+json", []byte(patch)))
}

// comesBack runs as a cleanup, when the test's own context has ended. It returns when the operator is ready: until then the
// API server reaches none of its webhooks, and whatever runs next would meet pods that start unpatched.
func comesBack(t testing.TB, c *cluster.Cluster, replicas int32) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := scale(ctx, c, replicas); err != nil {
		t.Errorf("the deployed operator could not be scaled back to %d: %v", replicas, err)
		return
	}
	key := client.ObjectKey{Namespace: cluster.OperatorNamespace, Name: Name}
	err := wait.PollUntilContextCancel(ctx, 150*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		var deployed appsv1.Deployment
		err := c.Get(ctx, key, &deployed)
		return err == nil && deployed.Status.ObservedGeneration >= deployed.Generation && deployed.Status.AvailableReplicas >= replicas, nil
	})
	if err != nil {
		t.Errorf("the deployed operator is not ready again: %v", err)
	}
}
