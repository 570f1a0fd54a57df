package patchrun

import (
	"errors"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// reconciler is one whose clock stands.
func reconciler() *Reconciler { return at(0) }

// at is one at a time after noon.
func at(after time.Duration) *Reconciler {
	return &Reconciler{Now: func() time.Time { return noon.Add(after) }, Turns: &Turns{}}
}

func TestWhatIsARefusal(t *testing.T) {
	deployments := schema.GroupResource{Group: "apps", Resource: "deployments"}
	for sentence, test := range map[string]struct {
		err     error
		refused bool
	}{
		"no error":                               {nil, false},
		"an admission webhook that says no":      {&apierrors.StatusError{ErrStatus: metav1.Status{Code: 403, Reason: metav1.StatusReasonForbidden}}, true},
		"one that says it with another code":     {&apierrors.StatusError{ErrStatus: metav1.Status{Code: 400}}, true},
		"a role that lacks the right":            {apierrors.NewForbidden(deployments, "api", errors.New("no")), true},
		"a template that is not valid":           {apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "Deployment"}, "api", nil), true},
		"a change meanwhile is none":             {apierrors.NewConflict(deployments, "api", errors.New("changed")), false},
		"too many requests are none":             {apierrors.NewTooManyRequests("slow down", 1), false},
		"a webhook that does not answer is none": {apierrors.NewInternalError(errors.New("failed calling webhook")), false},
		"a server that takes too long is none":   {apierrors.NewServerTimeout(deployments, "patch", 1), false},
		"a server that is not there is none":     {errors.New("connection refused"), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := test.err
			if err != nil {
				err = fmt.Errorf("setting the image of Deployment/api: %w", err)
			}
			if refusal(err) != test.refused {
				t.Errorf("%v is a refusal: %v", err, refusal(err))
			}
		})
	}
}

func TestHowLongARefusalIsBorne(t *testing.T) {
	const timeout = 10 * time.Minute
	for sentence, test := range map[string]struct {
		since time.Duration
		state respinv1alpha1.WorkloadState
		after time.Duration
		ends  bool
	}{
		"at first it is tried again soon":          {0, respinv1alpha1.WorkloadUpdating, 5 * time.Second, false},
		"then more slowly":                         {2 * time.Minute, respinv1alpha1.WorkloadUpdating, time.Minute, false},
		"but once when the time is over":           {timeout - time.Second, respinv1alpha1.WorkloadUpdating, time.Second, false},
		"when it is over, it is not healthy":       {timeout, respinv1alpha1.WorkloadUnhealthy, 0, true},
		"and when it has been, as after a restart": {time.Hour, respinv1alpha1.WorkloadUnhealthy, 0, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := rollingOut(workload{respinv1alpha1.WorkloadUpdating, "", ""})
			run.Spec.Rollout.HealthTimeout.Duration = timeout
			status := &run.Status.Workloads[0]
			status.Since = new(metav1.NewTime(noon))
			out := at(test.since).refused(run, run.Spec.Workloads[0], status, errors.New("images must be signed"))
			if status.State != test.state || status.Reason != respinv1alpha1.ReasonRefused || out.after != test.after || out.done {
				t.Errorf("it is %s, %s, and looked at again after %s", status.State, status.Reason, out.after)
			}
			if status.Message != "it could not be given the patched image: images must be signed" {
				t.Errorf("it says %q", status.Message)
			}
			if foundUnhealthy(run) != test.ends {
				t.Errorf("Healthy is %s", says(run, respinv1alpha1.ConditionHealthy))
			}
		})
	}
}
