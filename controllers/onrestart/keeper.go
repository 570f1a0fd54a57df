package onrestart

import (
	"context"
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/restart"
	"github.com/respin-dev/respin/internal/rollout"
)

// Keeper keeps the index as the cluster is. It works on every replica of the operator, since each of them is asked what
// pods get.
type Keeper struct {
	// Reader is the cache's.
	client.Reader
	Index *restart.Index

	// mu has what was read later be set later: the cache only goes forward.
	mu sync.Mutex
}

// SetupWithManager has the keeper fill the index once the cache holds what there is, and follow runs and workloads from
// then on.
func (k *Keeper) SetupWithManager(mgr ctrl.Manager) error {
	if err := mgr.Add(filler{k}); err != nil {
		return fmt.Errorf("adding what fills the index: %w", err)
	}
	namespace := handler.EnqueueRequestsFromMapFunc(namespaceOf)
	template := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		Named("onrestart-index").
		Watches(&respinv1alpha1.PatchRun{}, namespace).
		Watches(&appsv1.Deployment{}, namespace, template).
		Watches(&appsv1.StatefulSet{}, namespace, template).
		Watches(&appsv1.DaemonSet{}, namespace, template).
		Watches(&batchv1.CronJob{}, namespace, template).
		WithOptions(controller.Options{NeedLeaderElection: new(false)}).
		Complete(k)
}

func namespaceOf(_ context.Context, object client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: object.GetNamespace()}}}
}

// +kubebuilder:rbac:groups=respin.dev,resources=patchruns,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=deployments;statefulsets;daemonsets,verbs=get;list;watch
// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=get;list;watch

// Reconcile sets the entries of one namespace.
func (k *Keeper) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var runs respinv1alpha1.PatchRunList
	if err := k.List(ctx, &runs, client.InNamespace(req.Namespace)); err != nil {
		return ctrl.Result{}, fmt.Errorf("listing the runs in %s: %w", req.Namespace, err)
	}
	return ctrl.Result{}, k.set(ctx, req.Namespace, runs.Items)
}

func (k *Keeper) set(ctx context.Context, namespace string, runs []respinv1alpha1.PatchRun) error {
	var workloads []rollout.Workload
	if kinds := restart.Kinds(runs); len(kinds) > 0 {
		var err error
		if workloads, err = rollout.List(ctx, k.Reader, namespace, kinds, labels.Everything()); err != nil {
			return err
		}
	}
	entries, err := restart.Entries(runs, workloads)
	if err != nil {
		return err
	}
	k.Index.Set(namespace, entries)
	return nil
}

// filler fills the index once.
type filler struct{ *Keeper }

var _ manager.LeaderElectionRunnable = filler{}

// NeedLeaderElection is manager.LeaderElectionRunnable's.
func (filler) NeedLeaderElection() bool { return false }

// Start is manager.Runnable's. The cache's first answer is given when it has synced.
func (f filler) Start(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all respinv1alpha1.PatchRunList
	if err := f.List(ctx, &all); ctx.Err() != nil {
		return nil // it is being stopped
	} else if err != nil {
		return fmt.Errorf("listing the runs: %w", err)
	}
	byNamespace := map[string][]respinv1alpha1.PatchRun{}
	for _, run := range all.Items {
		byNamespace[run.Namespace] = append(byNamespace[run.Namespace], run)
	}
	for namespace, runs := range byNamespace {
		if err := f.set(ctx, namespace, runs); err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "a namespace's pods are not patched on restart", "namespace", namespace)
		}
	}
	f.Index.MarkReady()
	return nil
}
