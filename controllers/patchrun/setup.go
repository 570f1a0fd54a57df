package patchrun

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// workers is how many runs are looked at at a time. Builds do not count: they go on beside.
const workers = 8

// SetupWithManager has the reconciler called for runs, and for what runs wait for: their policy, their builds, and the
// workloads and pods that they watch.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	onRun := &handler.TypedEnqueueRequestForObject[*respinv1alpha1.PatchRun]{}
	return ctrl.NewControllerManagedBy(mgr).
		For(&respinv1alpha1.PatchRun{}).
		Watches(&respinv1alpha1.PatchPolicy{}, handler.EnqueueRequestsFromMapFunc(r.runsOfPolicy)).
		Watches(&appsv1.Deployment{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&appsv1.StatefulSet{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&appsv1.DaemonSet{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&batchv1.CronJob{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&batchv1.Job{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&policyv1.PodDisruptionBudget{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		Watches(&respinv1alpha1.PatchRun{}, handler.EnqueueRequestsFromMapFunc(r.runsWaiting), builder.WithPredicates(trafficChanged())).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(r.runsRollingOut)).
		WatchesRawSource(source.Channel(r.Builds.Changed, onRun)).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// runsOfPolicy are the policy's runs that have not ended.
func (r *Reconciler) runsOfPolicy(ctx context.Context, policy client.Object) []reconcile.Request {
	return r.runs(ctx, policy.GetNamespace(), func(run *respinv1alpha1.PatchRun) bool {
		return run.Spec.Policy.UID == policy.GetUID()
	})
}

// runsRollingOut are the runs of a namespace that may wait for one of its workloads or pods.
func (r *Reconciler) runsRollingOut(ctx context.Context, object client.Object) []reconcile.Request {
	return r.runs(ctx, object.GetNamespace(), plan.RollingOut)
}

// runsWaiting are the runs anywhere that may wait for what another has just made room for.
func (r *Reconciler) runsWaiting(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.runs(ctx, metav1.NamespaceAll, plan.Waits)
}

// trafficChanged lets through the runs whose workloads have come to another state, and those that go.
func trafficChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, ok := e.ObjectOld.(*respinv1alpha1.PatchRun)
			after, okAfter := e.ObjectNew.(*respinv1alpha1.PatchRun)
			return ok && okAfter && (!slices.Equal(states(before), states(after)) || plan.Finished(before) != plan.Finished(after))
		},
	}
}

func states(run *respinv1alpha1.PatchRun) []respinv1alpha1.WorkloadState {
	all := make([]respinv1alpha1.WorkloadState, 0, len(run.Status.Workloads))
	for i := range run.Status.Workloads {
		all = append(all, run.Status.Workloads[i].State)
	}
	return all
}

func (r *Reconciler) runs(ctx context.Context, namespace string, wanted func(*respinv1alpha1.PatchRun) bool) []reconcile.Request {
	var all respinv1alpha1.PatchRunList
	if err := r.List(ctx, &all, client.InNamespace(namespace)); err != nil {
		return nil // the cache answers, and only fails while it is being stopped
	}
	var requests []reconcile.Request
	for i := range all.Items {
		if run := &all.Items[i]; !plan.Finished(run) && wanted(run) {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{
				Namespace: run.Namespace, Name: run.Name,
			}})
		}
	}
	return requests
}
