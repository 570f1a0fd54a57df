// Package admission keeps the configuration of our webhooks true: by which authorities the API server trusts them, and
// in which namespaces it asks about pods. Webhooks are installed by people; where they are not, there is nothing to do.
package admission

import (
	"context"
	"fmt"
	"sync"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

const (
	// Configuration is the name of the one MutatingWebhookConfiguration that is ours, as config/webhook installs it.
	Configuration = "respin-webhook"
	// PodsWebhook is the webhook in it that is asked about pods, in some namespaces.
	PodsWebhook = "pods.respin.dev"
	// ApprovalsWebhook is the one that is asked about approvals. Others than these two are left as they are.
	ApprovalsWebhook = "approvals.respin.dev"
	// FieldManager owns the fields of it that the operator sets, and nothing else.
	FieldManager = "respin-webhook"
)

// Reconciler keeps the configuration of our webhooks true.
type Reconciler struct {
	client.Client
	// Bundle is what the API server is to trust our webhooks by, nil while that is not known. Left out, somebody else
	// writes it into the configuration, as cert-manager does.
	Bundle func() []byte
	// Changed tells that Bundle has changed.
	Changed <-chan event.GenericEvent

	missing sync.Once
}

// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=mutatingwebhookconfigurations,resourceNames=respin-webhook,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=respin.dev,resources=patchpolicies;patchruns,verbs=get;list;watch

// Reconcile brings the configuration up to date. It writes only where that differs.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var current admissionregistrationv1.MutatingWebhookConfiguration
	if err := r.Get(ctx, req.NamespacedName, &current); apierrors.IsNotFound(err) {
		r.missing.Do(func() {
			log.FromContext(ctx).Info("there are no webhooks in this cluster: pods are not patched as they are created")
		})
		return ctrl.Result{}, nil
	} else if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading MutatingWebhookConfiguration %s: %w", req.Name, err)
	}
	var bundle []byte
	if r.Bundle != nil {
		if bundle = r.Bundle(); bundle == nil {
			return ctrl.Result{}, nil // no replica can serve yet, and Changed tells when one can
		}
	}
	names, err := r.namespaces(ctx)
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted := desired(&current, names, bundle)
	if wanted == nil {
		return ctrl.Result{}, nil
	}
	err = r.Apply(ctx, wanted, client.FieldOwner(FieldManager), client.ForceOwnership)
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: time.Second}, nil // what was read has changed since, and is looked at again
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("updating MutatingWebhookConfiguration %s: %w", req.Name, err)
	}
	log.FromContext(ctx).Info("updated the webhooks", "namespaces", len(names))
	return ctrl.Result{}, nil
}

func (r *Reconciler) namespaces(ctx context.Context) ([]string, error) {
	var policies respinv1alpha1.PatchPolicyList
	if err := r.List(ctx, &policies); err != nil {
		return nil, fmt.Errorf("listing policies: %w", err)
	}
	var runs respinv1alpha1.PatchRunList
	if err := r.List(ctx, &runs); err != nil {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	return namespaces(policies.Items, runs.Items), nil
}
