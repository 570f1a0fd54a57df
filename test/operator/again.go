package operator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/respin-dev/respin/test/cluster"
)

const (
	// lease is the one by which the operator's replicas choose who works.
	lease = "operator.respin.dev"
	// startTimeout is how long the deployed operator may take to work again. A lease that nobody gave back runs out in it.
	startTimeout = 90 * time.Second
)

// Restarts ends the deployed operator's pods, and returns when others work in their place. No test that needs the
// operator at each moment may run meanwhile.
func Restarts(t testing.TB) {
	t.Helper()
	c := cluster.Connect(t)
	before := pods(t, c)
	for i := range before {
		if err := c.Delete(t.Context(), &before[i]); err != nil {
			t.Fatalf("ending the operator's pod %s: %v", before[i].Name, err)
		}
	}
	works(t, c, before)
}

// WhileAway has something done while no operator runs, and returns when it works again.
func WhileAway(t testing.TB, do func()) {
	t.Helper()
	c := cluster.Connect(t)
	before := pods(t, c)
	replicas := StandsAside(t)
	do()
	comesBack(t, c, replicas)
	works(t, c, before)
}

// works waits until the deployed operator is available, and one of its pods, none of those before, holds the lease.
func works(t testing.TB, c *cluster.Cluster, before []corev1.Pod) {
	t.Helper()
	gone := map[types.UID]bool{}
	for i := range before {
		gone[before[i].UID] = true
	}
	cluster.Eventually(t, startTimeout, "the deployed operator works again", func() string {
		now := pods(t, c)
		if len(now) == 0 || slices.ContainsFunc(now, func(p corev1.Pod) bool { return gone[p.UID] }) {
			return fmt.Sprintf("%d pods", len(now))
		}
		deployed, held := &appsv1.Deployment{}, &coordinationv1.Lease{}
		if err := c.Get(t.Context(), client.ObjectKey{Namespace: cluster.OperatorNamespace, Name: Name}, deployed); err != nil {
			return err.Error()
		}
		if deployed.Status.AvailableReplicas < *deployed.Spec.Replicas {
			return fmt.Sprintf("%d available", deployed.Status.AvailableReplicas)
		}
		if err := c.Get(t.Context(), client.ObjectKey{Namespace: cluster.OperatorNamespace, Name: lease}, held); err != nil {
			return err.Error()
		}
		return leads(held, now)
	})
}

// leads is empty if one of some pods holds a lease.
func leads(held *coordinationv1.Lease, among []corev1.Pod) string {
	if held.Spec.HolderIdentity == nil {
		return "nobody holds the lease"
	}
	for i := range among {
		if strings.HasPrefix(*held.Spec.HolderIdentity, among[i].Name+"_") {
			return ""
		}
	}
	return "the lease is held by " + *held.Spec.HolderIdentity
}

// pods are those of the deployed operator.
func pods(t testing.TB, c *cluster.Cluster) []corev1.Pod {
	t.Helper()
	var list corev1.PodList
	if err := c.List(t.Context(), &list, client.InNamespace(cluster.OperatorNamespace)); err != nil {
		t.Fatalf("listing the operator's pods: %v", err)
	}
	return list.Items
}
