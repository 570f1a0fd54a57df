// Package patchrun carries PatchRuns out: plan, build, verify, roll out, watch, and take back. Each phase is a file and
// guards itself by its own condition; they run in order and stop at the first whose condition is not True. What a phase
// decides is written to the run before the next one acts on it, so that a restart at any point goes on from there.
package patchrun

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// Reconciler carries out PatchRuns.
type Reconciler struct {
	client.Client
	// Live reads past the cache: a workload is read with it right before it is judged or changed.
	Live client.Reader
	// Builder rebuilds.
	Builder builder.Builder
	Builds  *Builds
	Open    Open
	// Turns has workloads take their turns.
	Turns *Turns
	// Logs are where the last words of a container that failed are read.
	Logs   rollout.Logs
	Events events.EventRecorder
	Now    func() time.Time
}

// +kubebuilder:rbac:groups=respin.dev,resources=patchruns,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=respin.dev,resources=patchruns/status,verbs=patch
// +kubebuilder:rbac:groups=respin.dev,resources=patchpolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=deployments;statefulsets;daemonsets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=list;watch
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;patch
// +kubebuilder:rbac:groups="",resources=pods/log,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one run a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var run respinv1alpha1.PatchRun
	if err := r.Get(ctx, req.NamespacedName, &run); err != nil {
		r.Builds.Cancel(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if plan.Finished(&run) {
		r.Builds.Cancel(req.NamespacedName)
		return retry(r.release(ctx, &run))
	}
	before := run.DeepCopy()
	switch {
	case plan.RetryAsked(&run):
		startOver(&run)
	case plan.RollbackAsked(&run):
		r.askedBack(&run)
	}
	next, err := r.advance(ctx, &run)
	r.derive(&run)
	if err = errors.Join(err, r.save(ctx, before, &run)); err != nil {
		return retry(err)
	}
	r.announce(before, &run)
	count(before, &run)
	return ctrl.Result{RequeueAfter: next.after}, nil
}

// staleDelay is how long the cache is given to catch up with a write.
const staleDelay = 200 * time.Millisecond

// retry is the result for an error, or for none. A conflict is none: what was read was not the newest, nothing was overwritten, and
// the newest is looked at in a moment.
func retry(err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: staleDelay}, nil
	}
	return ctrl.Result{}, err
}

// outcome is what a phase came to: done, or what to wait for. Nothing to wait for by the clock means that a watch
// will tell.
type outcome struct {
	done  bool
	after time.Duration
}

var done = outcome{done: true}

// or is the sooner of two things to wait for.
func (o outcome) or(other outcome) outcome {
	if o.after == 0 || other.after > 0 && other.after < o.after {
		o.after = other.after
	}
	return o
}

// advance runs the phases from the first whose condition is not True.
func (r *Reconciler) advance(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	if r.begin(run); foundUnhealthy(run) {
		return r.rollback(ctx, run)
	}
	if goOn, err := r.permitted(ctx, run); err != nil || !goOn {
		return outcome{}, err
	}
	for _, phase := range r.phases(run) {
		if meta.IsStatusConditionTrue(run.Status.Conditions, phase.condition) {
			continue
		}
		if out, err := phase.run(ctx, run); err != nil || !out.done {
			return out, err
		}
	}
	r.succeed(run)
	return done, nil
}

// phase is a step of a run, with the condition that is True once it is done.
type phase struct {
	condition string
	run       func(context.Context, *respinv1alpha1.PatchRun) (outcome, error)
}

func (r *Reconciler) phases(run *respinv1alpha1.PatchRun) []phase {
	phases := []phase{
		{respinv1alpha1.ConditionPlanned, r.plan},
		{respinv1alpha1.ConditionBuilt, r.build},
		{respinv1alpha1.ConditionVerified, r.verify},
	}
	if run.Spec.Rollout.Type == respinv1alpha1.NoRollout {
		return phases
	}
	return append(phases, phase{respinv1alpha1.ConditionApproved, r.approve}, phase{respinv1alpha1.ConditionHealthy, r.rollout})
}

// save writes the status if it changed. The run must still be what was read: what another write decided meanwhile is
// not overwritten.
func (r *Reconciler) save(ctx context.Context, before, run *respinv1alpha1.PatchRun) error {
	if equality.Semantic.DeepEqual(before.Status, run.Status) {
		return nil
	}
	before.ResourceVersion = run.ResourceVersion // our own finalizer may have been added since
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Status().Patch(ctx, run.DeepCopy(), lock); err != nil {
		return fmt.Errorf("writing the status of patchrun %s: %w", client.ObjectKeyFromObject(run), err)
	}
	return nil
}

// hold adds the finalizer, before a workload is changed for the first time.
func (r *Reconciler) hold(ctx context.Context, run *respinv1alpha1.PatchRun) error {
	held := run.DeepCopy()
	if !controllerutil.AddFinalizer(held, respinv1alpha1.FinalizerRollout) {
		return nil
	}
	lock := client.MergeFromWithOptions(run, client.MergeFromWithOptimisticLock{})
	if err := r.Patch(ctx, held, lock); err != nil {
		return fmt.Errorf("adding the finalizer to patchrun %s: %w", client.ObjectKeyFromObject(run), err)
	}
	run.Finalizers, run.ResourceVersion = held.Finalizers, held.ResourceVersion
	return nil
}

// release removes the finalizer of a run that has ended.
func (r *Reconciler) release(ctx context.Context, run *respinv1alpha1.PatchRun) error {
	released := run.DeepCopy()
	if !controllerutil.RemoveFinalizer(released, respinv1alpha1.FinalizerRollout) {
		return nil
	}
	lock := client.MergeFromWithOptions(run, client.MergeFromWithOptimisticLock{})
	return client.IgnoreNotFound(r.Patch(ctx, released, lock))
}
