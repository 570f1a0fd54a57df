package patchrun

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

func TestWhichWorkloadsAreTakenBack(t *testing.T) {
	for state, back := range map[respinv1alpha1.WorkloadState]bool{
		"":                               false,
		respinv1alpha1.WorkloadWaiting:   false,
		respinv1alpha1.WorkloadUpdating:  true, // it may have been given the image when the operator was stopped
		respinv1alpha1.WorkloadUpdated:   true,
		respinv1alpha1.WorkloadOpen:      true,
		respinv1alpha1.WorkloadBaking:    true,
		respinv1alpha1.WorkloadUnhealthy: true,
		respinv1alpha1.WorkloadHealthy:   false,
		respinv1alpha1.WorkloadSkipped:   false,
		respinv1alpha1.WorkloadReverted:  false,

		respinv1alpha1.WorkloadRolledBack: false,
	} {
		if takenBack(state) != back {
			t.Errorf("one that is %q is taken back: %v", state, takenBack(state))
		}
	}
}

// succeeded closes a run whose workloads have come to their ends.
func succeeded(run *respinv1alpha1.PatchRun) *respinv1alpha1.PatchRun {
	r := reconciler()
	run.Status.StartTime = new(metav1.NewTime(noon))
	r.rolledOut(run)
	r.succeed(run)
	r.derive(run)
	return run
}

func askFor(run *respinv1alpha1.PatchRun, annotation, value string) {
	metav1.SetMetaDataAnnotation(&run.ObjectMeta, annotation, value)
}

func TestAskingForThePreviousImageBack(t *testing.T) {
	run := succeeded(rollingOut(workload{respinv1alpha1.WorkloadHealthy, "", ""}, workload{respinv1alpha1.WorkloadSkipped, "", "it was deleted"}))
	askFor(run, respinv1alpha1.AnnotationRollback, "now")
	if plan.Finished(run) || !plan.RollbackAsked(run) {
		t.Fatal("it is not taken for under way")
	}
	r := reconciler()
	r.askedBack(run)
	r.derive(run)
	if says(run, respinv1alpha1.ConditionSucceeded) != "" || says(run, respinv1alpha1.ConditionHealthy) != "False RollbackAsked" {
		t.Errorf("its conditions are %+v", run.Status.Conditions)
	}
	states := []respinv1alpha1.WorkloadState{run.Status.Workloads[0].State, run.Status.Workloads[1].State}
	if !slices.Equal(states, []respinv1alpha1.WorkloadState{respinv1alpha1.WorkloadUnhealthy, respinv1alpha1.WorkloadSkipped}) {
		t.Errorf("its workloads are %v", states)
	}
	if run.Status.CompletionTime != nil || run.Status.Duration != "" || run.Status.LastHandledRollback != "now" || plan.RollbackAsked(run) || plan.Finished(run) {
		t.Errorf("its status is %+v", run.Status)
	}

	r.mark(&run.Status.Workloads[0], respinv1alpha1.WorkloadRolledBack, respinv1alpha1.ReasonRolledBack, "its previous image was put back")
	r.tookBack(run, meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionHealthy))
	r.derive(run)
	if run.Status.Phase != respinv1alpha1.PhaseRolledBack || !plan.Finished(run) {
		t.Errorf("it is %s, ended: %v", run.Status.Phase, plan.Finished(run))
	}
}

func TestTryingAgainWhatWasTakenBackOnRequestIsNotTakenBackForThatRequest(t *testing.T) {
	run := succeeded(rollingOut(workload{respinv1alpha1.WorkloadHealthy, "", ""}))
	askFor(run, respinv1alpha1.AnnotationRollback, "then")
	r := reconciler()
	r.askedBack(run)
	r.mark(&run.Status.Workloads[0], respinv1alpha1.WorkloadRolledBack, respinv1alpha1.ReasonRolledBack, "")
	r.tookBack(run, meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionHealthy))

	askFor(run, respinv1alpha1.AnnotationRetry, "now")
	if !plan.RetryAsked(run) {
		t.Fatal("it is not taken for asked to try again")
	}
	startOver(run)
	r.begin(run)
	if run.Status.Attempts != 2 || len(run.Status.Workloads) > 0 || len(run.Status.Conditions) > 0 {
		t.Errorf("the next attempt begins with %+v", run.Status)
	}
	run.Status.Output = &respinv1alpha1.OutputStatus{Image: "registry.example.com/api:1-respin@sha256:new"}
	run.Status.Workloads = []respinv1alpha1.WorkloadStatus{{Kind: respinv1alpha1.KindDeployment, Name: "a", State: respinv1alpha1.WorkloadHealthy}}
	if succeeded(run); plan.RollbackAsked(run) || plan.RetryAsked(run) || !plan.Finished(run) {
		t.Error("it is taken back, or tried again, once more")
	}
	askFor(run, respinv1alpha1.AnnotationRollback, "later")
	if !plan.RollbackAsked(run) {
		t.Error("a new request is none")
	}
}

func TestHowARunThatWasTakenBackEnds(t *testing.T) {
	why := &metav1.Condition{Reason: respinv1alpha1.ReasonTimedOut, Message: "Deployment/a: not healthy within 10m"}
	for sentence, test := range map[string]struct {
		workloads  []workload
		succeeded  string
		rolledBack string
	}{
		"one that has its image back": {[]workload{{respinv1alpha1.WorkloadRolledBack, "", "put back"}}, "False RolledBack", "True RolledBack"},
		"one that is someone else's":  {[]workload{{respinv1alpha1.WorkloadSkipped, "", "changed"}}, "False TimedOut", ""},
		"one of each":                 {[]workload{{respinv1alpha1.WorkloadSkipped, "", "changed"}, {respinv1alpha1.WorkloadRolledBack, "", "put back"}}, "False RolledBack", "True RolledBack"},
		"one that keeps it, healthy":  {[]workload{{respinv1alpha1.WorkloadHealthy, "", ""}, {respinv1alpha1.WorkloadRolledBack, "", "put back"}}, "False RolledBack", "True RolledBack"},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := rollingOut(test.workloads...)
			reconciler().tookBack(run, why)
			if ended, back := says(run, respinv1alpha1.ConditionSucceeded), says(run, respinv1alpha1.ConditionRolledBack); ended != test.succeeded || back != test.rolledBack {
				t.Errorf("Succeeded is %s, RolledBack is %s", ended, back)
			}
		})
	}
}
