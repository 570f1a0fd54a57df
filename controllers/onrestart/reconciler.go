// Package onrestart has pods come back patched where a policy disturbs nothing: it keeps the index that admission
// answers from, and replaces the image of containers that crash, in place.
package onrestart

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/restart"
)

// Reconciler replaces the images of containers that crash.
type Reconciler struct {
	client.Client
	Index  *restart.Index
	Events events.EventRecorder
	Now    func() time.Time
}

// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// staleDelay is how long the cache is given to catch up with a pod that is not what it was.
const staleDelay = 200 * time.Millisecond

// Reconcile looks at one pod. What is not due now never is by the clock: the pod's next status tells.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var pod corev1.Pod
	if err := r.Get(ctx, req.NamespacedName, &pod); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	due := r.due(&pod)
	if len(due) == 0 {
		return ctrl.Result{}, nil
	}
	done, err := restart.ReplaceImages(ctx, r.Client, &pod, due)
	switch {
	case refused(err):
		r.Events.Eventf(&pod, nil, corev1.EventTypeWarning, respinv1alpha1.ReasonRefused, "Replace", "%s", note(err.Error()))
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, err
	case !done:
		return ctrl.Result{RequeueAfter: staleDelay}, nil
	}
	r.tell(&pod, due)
	return ctrl.Result{}, nil
}

func (r *Reconciler) due(pod *corev1.Pod) []restart.Replacement {
	return restart.Replace(pod, r.Index.Entries(pod.Namespace, pod), r.Now())
}

// refused tells of errors that asking again does not mend: someone's rule forbids it.
func refused(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsInvalid(err)
}

func (r *Reconciler) tell(pod *corev1.Pod, replaced []restart.Replacement) {
	for _, each := range replaced {
		r.Events.Eventf(pod, nil, corev1.EventTypeNormal, respinv1alpha1.ReasonPatched, "Replace",
			"%s", note(fmt.Sprintf("its container %s ended with exit code %d (%s) and comes back on %s, patched by patchrun/%s",
				each.Container, each.ExitCode, each.Reason, each.To, each.Run)))
	}
}

// maxNote is the API's limit on an event's note, in bytes.
const maxNote = 1024

func note(message string) string {
	return plan.Clip(message, maxNote)
}
