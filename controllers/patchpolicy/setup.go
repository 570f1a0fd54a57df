package patchpolicy

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// workers is how many policies are looked at at a time: a registry that is slow to answer for one does not hold up the
// others.
const workers = 8

// SetupWithManager has the reconciler called for policies, for their runs, and for the workloads and pods of their
// namespace.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	asked := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	all := handler.EnqueueRequestsFromMapFunc(r.policiesOfNamespace)
	return ctrl.NewControllerManagedBy(mgr).
		For(&respinv1alpha1.PatchPolicy{}, builder.WithPredicates(asked)).
		Owns(&respinv1alpha1.PatchRun{}).
		Watches(&respinv1alpha1.PatchPolicy{}, all, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&appsv1.Deployment{}, all, builder.WithPredicates(changed())).
		Watches(&appsv1.StatefulSet{}, all, builder.WithPredicates(changed())).
		Watches(&appsv1.DaemonSet{}, all, builder.WithPredicates(changed())).
		Watches(&batchv1.CronJob{}, all, builder.WithPredicates(changed())).
		Watches(&corev1.Pod{}, all, builder.WithPredicates(imagesChanged())).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// changed lets through the workloads whose spec or labels changed: their status is of no interest to a policy.
func changed() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{})
}

// policiesOfNamespace are the policies that an object of their namespace may concern. A policy concerns the others: it
// may claim workloads of theirs, or give them up.
func (r *Reconciler) policiesOfNamespace(ctx context.Context, object client.Object) []reconcile.Request {
	var policies respinv1alpha1.PatchPolicyList
	if err := r.List(ctx, &policies, client.InNamespace(object.GetNamespace())); err != nil {
		return nil // the cache answers, and only fails while it is being stopped
	}
	requests := make([]reconcile.Request, 0, len(policies.Items))
	for i := range policies.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&policies.Items[i])})
	}
	return requests
}
