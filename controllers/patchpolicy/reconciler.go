// Package patchpolicy keeps PatchPolicies true: it observes the workloads, gathers what registries say of their images
// and bases, has package plan decide, creates the PatchRuns that were decided on, and prunes old ones. A phase a file.
package patchpolicy

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
)

// Registry is what a policy needs of registries.
type Registry interface {
	// Digest tells where a tag stands; an answer that was got since notBefore is shared.
	Digest(ctx context.Context, ref image.Reference, notBefore time.Time) (registry.Resolved, error)
	// Inspect reads what a repository has under a digest.
	Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error)
	// Provenance adds to an inspected image what its provenance tells of its build.
	Provenance(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error)
	// Layers reads what the tar headers of layers say.
	Layers(ctx context.Context, needed []safety.Layer) (safety.Facts, error)
}

// Open gives registries as a namespace may see them, with what it has given for that.
type Open func(ctx context.Context, namespace string, wanted access.Wanted) (Registry, error)

// Reconciler keeps PatchPolicies true.
type Reconciler struct {
	client.Client
	Open   Open
	Events events.EventRecorder
	Now    func() time.Time

	failures failures
}

// +kubebuilder:rbac:groups=respin.dev,resources=patchpolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=respin.dev,resources=patchpolicies/status,verbs=patch
// +kubebuilder:rbac:groups=respin.dev,resources=patchpolicies/finalizers,verbs=update
// +kubebuilder:rbac:groups=respin.dev,resources=patchruns,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups=apps,resources=deployments;statefulsets;daemonsets,verbs=get;list;watch
// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=get;list;watch
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile brings one policy's status and runs up to date.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var policy respinv1alpha1.PatchPolicy
	if err := r.Get(ctx, req.NamespacedName, &policy); err != nil || !policy.DeletionTimestamp.IsZero() {
		forget(req.NamespacedName)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := policy.DeepCopy()
	if policy.Spec.Suspend {
		return retry(ctrl.Result{}, r.suspend(ctx, before, &policy))
	}
	seen, err := r.observe(ctx, &policy)
	if err != nil {
		return ctrl.Result{}, err
	}
	g := r.gatherer(ctx, &policy, seen)
	if g.closed != nil && access.KindOf(g.closed) == "" { // no mistake of a person's: it passes
		return ctrl.Result{}, g.closed
	}
	gathered := g.gather(ctx, seen)
	decisions := g.judge(ctx, &policy, seen)
	if ctx.Err() != nil {
		return ctrl.Result{}, ctx.Err()
	}
	dispatched := r.dispatch(ctx, &policy, decisions)
	r.report(&policy, seen, gathered, decisions)
	err = errors.Join(dispatched, r.save(ctx, before, &policy), r.prune(ctx, &policy, seen, decisions))
	return retry(ctrl.Result{RequeueAfter: gathered.next(r.Now(), interval(&policy), until(&policy, decisions)...)}, err)
}

// until are the times at which decisions, and what is told of windows, may be others by the clock alone.
func until(policy *respinv1alpha1.PatchPolicy, decisions []plan.Decision) []time.Time {
	var times []time.Time
	for _, decision := range decisions {
		times = append(times, decision.Until)
	}
	if next := policy.Status.NextWindow; next != nil {
		times = append(times, next.Time)
	}
	return times
}

// staleDelay is how long the cache is given to catch up with a write.
const staleDelay = 200 * time.Millisecond

// retry is the result unless there is an error. A conflict is none: what was read was not the newest, nothing was
// overwritten, and the newest is looked at in a moment.
func retry(result ctrl.Result, err error) (ctrl.Result, error) {
	switch {
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: staleDelay}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	return result, nil
}

// judge decides about every image that a rule fits.
func (g *gatherer) judge(ctx context.Context, policy *respinv1alpha1.PatchPolicy, seen observed) []plan.Decision {
	decisions := make([]plan.Decision, 0, len(g.result.facts))
	for _, facts := range g.result.facts {
		rule := plan.RuleFor(seen.rules, facts.App.Ref.Repository)
		decision := plan.Judge(policy, rule, facts, seen.runs)
		if decision.NeedsProof {
			decision = g.judgeProven(ctx, policy, rule, facts, seen.runs)
		}
		decisions = append(decisions, decision)
	}
	return decisions
}

// judgeProven decides about an image for which there is a run to create, once it is known whether it may be rebased.
func (g *gatherer) judgeProven(ctx context.Context, policy *respinv1alpha1.PatchPolicy, rule *plan.Rule, facts plan.Facts,
	runs []respinv1alpha1.PatchRun) plan.Decision {
	var err error
	if facts.Proof, err = g.proof(ctx, rule, facts); err != nil {
		facts.Problem = problem(err)
	}
	return plan.Judge(policy, rule, facts, runs)
}

// interval is the policy's interval with the API's default.
func interval(policy *respinv1alpha1.PatchPolicy) time.Duration {
	if policy.Spec.Interval.Duration <= 0 {
		return 10 * time.Minute
	}
	return policy.Spec.Interval.Duration
}
