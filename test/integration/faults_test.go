//go:build integration

package integration

import (
	"context"
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
)

func TestAWorkloadThatRefusesItsImageIsToldOfAndTriedAgain(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	s.until(o, isTrue(respinv1alpha1.ConditionApproved))
	working := o.runs.Client
	no := apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "deployments"}, "api", errors.New("images must be signed"))
	o.runs.Client = interceptor.NewClient(o.life.client(s.cluster), interceptor.Funcs{
		Apply: func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
			return no
		},
	})
	key := client.ObjectKeyFromObject(s.onlyRun())

	s.tolerate(o, reconcile(s, o.runs, key))
	told := s.onlyRun()
	if w := told.Status.Workloads; len(w) != 1 || w[0].Reason != respinv1alpha1.ReasonRefused || !strings.Contains(w[0].Message, "images must be signed") {
		t.Errorf("nobody is told: %s", s.tell())
	}
	if meta.IsStatusConditionTrue(told.Status.Conditions, respinv1alpha1.ConditionRolledOut) {
		t.Error("it is said to be rolled out")
	}
	again, err := o.runs.Reconcile(t.Context(), ctrl.Request{NamespacedName: key})
	if err != nil || again.RequeueAfter <= 0 {
		t.Errorf("it is tried again after %s, %v", again.RequeueAfter, err)
	}
	if s.onlyRun().ResourceVersion != told.ResourceVersion {
		t.Error("saying the same again is a write, which begins the next try at once")
	}

	o.runs.Client = working
	s.run(o)
	expectPatched(t, s)
}

func TestABuildThatFailsIsToldOfOnceInItsOwnWords(t *testing.T) {
	s := newScenario(t, healthy, "api")
	o := s.operator()
	o.workshop.fails = &builder.FailedError{Step: "[2/2] RUN make", Reason: "exit code 2", Log: []string{strings.Repeat("ünder", 900)}}
	s.run(o)
	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonBuildFailed)
	s.expectState(respinv1alpha1.ImageFailed, respinv1alpha1.ReasonRunFailed)

	again := s.operator()
	s.run(again)
	if writes := again.life.writes.Load(); writes != 0 {
		t.Errorf("it is told %d times more", writes)
	}
}

func TestARollbackOfAWorkloadThatSomeoneChangedMeanwhileIsNone(t *testing.T) {
	s := newScenario(t, crashing, "api")
	o := s.operator()
	s.until(o, func(run *respinv1alpha1.PatchRun) bool {
		return meta.IsStatusConditionFalse(run.Status.Conditions, respinv1alpha1.ConditionHealthy)
	})
	s.update("api", running("example.com/another:1"))

	s.run(o)

	run := s.onlyRun()
	s.expectRun(run, respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonUnhealthy)
	if meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionRolledBack) != nil {
		t.Error("it is said to be rolled back")
	}
}

func TestWithoutRollbackThePatchedImageStays(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.must(live.Delete(t.Context(), s.thePolicy()))
	s.keep("careless", func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Rollback = new(bool) })

	s.run(s.operator())

	s.expectRun(s.onlyRun(), respinv1alpha1.PhaseFailed, respinv1alpha1.ReasonUnhealthy)
	if found := s.deployment("api").Spec.Template.Spec.Containers[0].Image; !strings.Contains(found, "respin-") {
		t.Errorf("it has %s", found)
	}
}

func TestARolloutStopsAtTheFirstWorkloadThatIsNotHealthy(t *testing.T) {
	s := newScenario(t, crashing, "api")
	s.deploy("later", s.shelf.host+"/shop/api:1")
	s.play()

	s.run(s.operator())

	if touched := s.deployment("later").Generation; touched != 1 {
		t.Error("the second workload was changed, although the first was not healthy")
	}
	expectTakenBack(t, s)
}
