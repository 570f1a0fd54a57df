package onrestart

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// workers is how many pods are looked at at a time: where a node dies, many crash at once, and each of them is being
// started again already.
const workers = 8

// SetupWithManager has the reconciler called for pods whose containers changed, and for those that wait for a namespace's
// entries. Only the leader does so.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("onrestart").
		Watches(&corev1.Pod{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(r.mayHaveCrashed())).
		WatchesRawSource(source.Func(r.waiting)).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// mayHaveCrashed lets through pods whose containers changed, where the index has entries.
func (r *Reconciler) mayHaveCrashed() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return r.Index.Knows(e.Object.GetNamespace()) },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*corev1.Pod)
			after, okAfter := e.ObjectNew.(*corev1.Pod)
			return ok && okAfter && r.Index.Knows(after.Namespace) && statusesChanged(before.Status, after.Status)
		},
		DeleteFunc: func(event.DeleteEvent) bool { return false },
	}
}

func statusesChanged(before, after corev1.PodStatus) bool {
	return !equality.Semantic.DeepEqual(before.ContainerStatuses, after.ContainerStatuses) ||
		!equality.Semantic.DeepEqual(before.InitContainerStatuses, after.InitContainerStatuses)
}

// waiting asks for the pods that had crashed already when a namespace's entries were set, whenever they are.
func (r *Reconciler) waiting(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Index.OnChange(func(namespace string) {
		var pods corev1.PodList
		if err := r.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
			return // the cache answers, and only fails while it is being stopped
		}
		for i := range pods.Items {
			if pod := &pods.Items[i]; len(r.due(pod)) > 0 {
				queue.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(pod)})
			}
		}
	})
	return nil
}
