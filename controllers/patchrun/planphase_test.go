package patchrun

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
)

// pinning is a builder that only pins.
type pinning struct {
	builder.Builder
	pinned string
	err    error
}

func (p pinning) Pin(context.Context, string) (string, error) { return p.pinned, p.err }

func TestPinningTheContext(t *testing.T) {
	for sentence, test := range map[string]struct {
		noBuild bool
		builder pinning
		status  metav1.ConditionStatus
		reason  string
		after   time.Duration
	}{
		"a revision becomes its commit": {
			builder: pinning{pinned: "https://git.example.com/a.git#0123"}, status: metav1.ConditionTrue, reason: respinv1alpha1.ReasonPinned,
		},
		"a run without a build ends": {noBuild: true, status: metav1.ConditionFalse, reason: respinv1alpha1.ReasonNoBuild},
		"a revision that is not there ends the run": {
			builder: pinning{err: &builder.ContextError{Reason: "no such branch"}},
			status:  metav1.ConditionFalse, reason: respinv1alpha1.ReasonContextUnavailable,
		},
		"a server that does not answer is waited for": {
			builder: pinning{err: &builder.ContextError{Temporary: true}},
			status:  metav1.ConditionUnknown, reason: respinv1alpha1.ReasonContextUnavailable, after: 5 * time.Second,
		},
		"a server that takes too long is waited for": {
			builder: pinning{err: context.DeadlineExceeded},
			status:  metav1.ConditionUnknown, reason: respinv1alpha1.ReasonContextUnavailable, after: 5 * time.Second,
		},
		"a builder that is away is waited for": {
			builder: pinning{err: fmt.Errorf("dialling: %w", builder.ErrUnavailable)},
			status:  metav1.ConditionUnknown, reason: respinv1alpha1.ReasonBuilderUnavailable, after: 5 * time.Second,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			r, run := &Reconciler{Builder: test.builder, Now: func() time.Time { return noon }}, patchRun()
			if !test.noBuild {
				run.Spec.Build = &respinv1alpha1.BuildSpec{Context: "https://git.example.com/a.git#main"}
			}
			out, err := r.plan(t.Context(), run)
			c := run.Status.Conditions[0]
			if err != nil || c.Status != test.status || c.Reason != test.reason || out.after != test.after || out.done {
				t.Errorf("came to %+v, %v with %+v", out, err, c)
			}
			if test.builder.pinned != "" && run.Status.Build.Context != test.builder.pinned {
				t.Errorf("the context is %s", run.Status.Build.Context)
			}
		})
	}
}

func TestAProcessThatIsStoppedWhilePinningEndsNoRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, run := &Reconciler{Builder: pinning{err: context.Canceled}, Now: func() time.Time { return noon }}, patchRun()
	run.Spec.Build = &respinv1alpha1.BuildSpec{}
	if _, err := r.plan(ctx, run); !errors.Is(err, context.Canceled) || len(run.Status.Conditions) != 0 {
		t.Errorf("came to %v with %+v", err, run.Status.Conditions)
	}
}
