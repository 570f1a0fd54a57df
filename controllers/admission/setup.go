package admission

import (
	"context"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// SetupWithManager has the reconciler called for our configuration, for policies, for runs that patch on restart, and
// for a bundle that changed. Of MutatingWebhookConfigurations the manager's cache is to hold ours alone: the operator
// may list no others.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	ours := handler.EnqueueRequestsFromMapFunc(configuration)
	named := predicate.NewPredicateFuncs(func(object client.Object) bool { return object.GetName() == Configuration })
	controlled := ctrl.NewControllerManagedBy(mgr).
		Named("webhooks").
		For(&admissionregistrationv1.MutatingWebhookConfiguration{}, builder.WithPredicates(named)).
		Watches(&respinv1alpha1.PatchPolicy{}, ours, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&respinv1alpha1.PatchRun{}, ours, builder.WithPredicates(onRestart()))
	if r.Changed != nil {
		controlled = controlled.WatchesRawSource(source.Channel(r.Changed, ours))
	}
	return controlled.Complete(r)
}

// onRestart lets through the runs that patch on restart.
func onRestart() predicate.Predicate {
	return predicate.NewPredicateFuncs(func(object client.Object) bool {
		run, ok := object.(*respinv1alpha1.PatchRun)
		return ok && run.Spec.Rollout.Type == respinv1alpha1.OnRestart
	})
}

// configuration is what there is to look at, whatever changed.
func configuration(context.Context, client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: Configuration}}}
}
