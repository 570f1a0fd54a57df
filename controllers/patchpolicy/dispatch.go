package patchpolicy

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// dispatch creates the runs that were decided on, and deletes those that pursue what is no longer wanted. A run that
// exists already is the one that was to be created: its name tells.
func (r *Reconciler) dispatch(ctx context.Context, policy *respinv1alpha1.PatchPolicy, decisions []plan.Decision) error {
	var failures []error
	for _, decision := range decisions {
		for _, name := range decision.Superseded {
			failures = append(failures, r.remove(ctx, policy.Namespace, name))
		}
		if decision.Create != nil {
			failures = append(failures, r.create(ctx, policy, decision.Create))
		}
	}
	return errors.Join(failures...)
}

func (r *Reconciler) create(ctx context.Context, policy *respinv1alpha1.PatchPolicy, run *respinv1alpha1.PatchRun) error {
	err := r.Create(ctx, run)
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating patchrun %s: %w", run.Name, err)
	}
	r.Events.Eventf(policy, run, corev1.EventTypeNormal, run.Spec.Because.Reason, "Patch", "patchrun/%s: %s",
		run.Name, plan.Clip(run.Spec.Because.Message, 900))
	return nil
}

func (r *Reconciler) remove(ctx context.Context, namespace, name string) error {
	run := &respinv1alpha1.PatchRun{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := r.Delete(ctx, run); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting patchrun %s: %w", name, err)
	}
	return nil
}

// prune deletes finished runs beyond the policy's history limit. While the policy has a mistake it is not known which of
// its images they keep from being tried again: none is deleted.
func (r *Reconciler) prune(ctx context.Context, policy *respinv1alpha1.PatchPolicy, seen observed,
	decisions []plan.Decision) error {
	if len(seen.mistakes) > 0 {
		return nil
	}
	keep := plan.Standing(seen.runs, seen.exists)
	for _, decision := range decisions {
		keep = append(keep, decision.Keep...)
	}
	var failures []error
	for _, name := range plan.Prune(policy.Spec.HistoryLimit, seen.runs, keep) {
		failures = append(failures, r.remove(ctx, policy.Namespace, name))
	}
	return errors.Join(failures...)
}
