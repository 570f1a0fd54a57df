package patchrun

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
)

// pinTimeout is how long a Git server may take to say which commit a revision is.
const pinTimeout = 30 * time.Second

// plan makes sure that the run can be done as its spec says, before anything is pushed.
func (r *Reconciler) plan(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	if run.Spec.Method == respinv1alpha1.MethodRebase {
		return r.prove(ctx, run)
	}
	return r.pin(ctx, run)
}

// pin pins what the spec could not: the commit of the build context. It is written to the status before the build
// begins, so that a restart builds the same commit.
func (r *Reconciler) pin(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	if run.Spec.Build == nil {
		return r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonNoBuild,
			"the run has no build: "+respinv1alpha1.ReasonNoBuild), nil
	}
	pinCtx, cancel := context.WithTimeout(ctx, pinTimeout)
	defer cancel()
	pinned, err := r.Builder.Pin(pinCtx, run.Spec.Build.Context)
	if err != nil {
		return r.pinFailed(ctx, run, err)
	}
	run.Status.Build = &respinv1alpha1.BuildStatus{Context: pinned}
	r.set(run, respinv1alpha1.ConditionPlanned, metav1.ConditionTrue, respinv1alpha1.ReasonPinned,
		fmt.Sprintf("%s at %s; every input is pinned", run.Spec.Base.Image, run.Spec.Base.To))
	return outcome{}, nil
}

func (r *Reconciler) pinFailed(ctx context.Context, run *respinv1alpha1.PatchRun, err error) (outcome, error) {
	var bad *builder.ContextError
	switch {
	case ctx.Err() != nil:
		return outcome{}, ctx.Err()
	case errors.As(err, &bad) && !bad.Temporary:
		return r.fail(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonContextUnavailable, err.Error()), nil
	case errors.Is(err, builder.ErrUnavailable):
		return r.waiting(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonBuilderUnavailable, err.Error()), nil
	}
	return r.waiting(run, respinv1alpha1.ConditionPlanned, respinv1alpha1.ReasonContextUnavailable, err.Error()), nil
}
