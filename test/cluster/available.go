package cluster

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// StaysAvailable has the test fail if, from now to its end, fewer pods of a Deployment are available than its strategy
// allows. All of them have to be available now. Every change of the Deployment's status is looked at, not samples of it.
func (n *Namespace) StaysAvailable(workload *appsv1.Deployment) {
	n.t.Helper()
	n.Read(workload)
	wanted := *workload.Spec.Replicas
	missing, err := intstr.GetScaledValueFromIntOrPercent(workload.Spec.Strategy.RollingUpdate.MaxUnavailable, int(wanted), false)
	if err != nil {
		n.t.Fatalf("reading the strategy of %s: %v", workload.Name, err)
	}
	seen := &availability{allowed: wanted - int32(missing), fewest: workload.Status.AvailableReplicas}
	watch, err := n.Kubernetes.AppsV1().Deployments(n.Name).Watch(n.t.Context(), metav1.ListOptions{
		FieldSelector:   fields.OneTermEqualSelector("metadata.name", workload.Name).String(),
		ResourceVersion: workload.ResourceVersion,
	})
	if err != nil {
		n.t.Fatalf("watching %s: %v", workload.Name, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event := range watch.ResultChan() {
			if d, ok := event.Object.(*appsv1.Deployment); ok {
				seen.see(d.Status.AvailableReplicas)
			}
		}
		if n.t.Context().Err() == nil {
			n.t.Errorf("%s is not watched any more, before the end of the test", workload.Name)
		}
	}()
	n.t.Cleanup(func() {
		watch.Stop()
		<-done
		seen.tell(n.t, workload.Name, wanted)
	})
}

// availability is what was seen of a Deployment.
type availability struct {
	allowed, fewest int32
	looks           int
}

func (a *availability) see(available int32) {
	a.looks++
	a.fewest = min(a.fewest, available)
}

func (a *availability) tell(t testing.TB, name string, wanted int32) {
	t.Helper()
	if a.fewest < a.allowed {
		t.Errorf("%d of %d pods of %s were available, and its strategy allows no fewer than %d", a.fewest, wanted, name, a.allowed)
	}
	t.Logf("%s has %d pods, its strategy allows %d, and the fewest in %d changes of its status were %d",
		name, wanted, a.allowed, a.looks, a.fewest)
}
