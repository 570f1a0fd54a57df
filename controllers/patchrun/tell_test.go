package patchrun

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// workload is how far one has come, and why.
type workload struct {
	state   respinv1alpha1.WorkloadState // empty for one of which nothing was said yet
	reason  string
	message string
}

// rollingOut is a run whose image is made, with deployments a, b and so on that have come so far.
func rollingOut(workloads ...workload) *respinv1alpha1.PatchRun {
	run := patchRun()
	run.Name, run.UID = "r", "run-r"
	run.Status.Attempts = 1
	run.Status.Output = &respinv1alpha1.OutputStatus{Image: "registry.example.com/api:1-respin@sha256:new", Digest: "sha256:new"}
	for i, w := range workloads {
		name := string(rune('a' + i))
		run.Spec.Workloads = append(run.Spec.Workloads, respinv1alpha1.WorkloadTarget{
			Kind: respinv1alpha1.KindDeployment, Name: name, UID: types.UID("uid-" + name),
			Containers: []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: "registry.example.com/api:1"}},
		})
		if w.state != "" {
			run.Status.Workloads = append(run.Status.Workloads, respinv1alpha1.WorkloadStatus{
				Kind: respinv1alpha1.KindDeployment, Name: name, State: w.state, Reason: w.reason, Message: w.message,
			})
		}
	}
	return run
}

// says is a condition as type=status reason; empty where there is none.
func says(run *respinv1alpha1.PatchRun, kind string) string {
	c := meta.FindStatusCondition(run.Status.Conditions, kind)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s %s", c.Status, c.Reason)
}

func TestWhatIsToldOfARolloutUnderWay(t *testing.T) {
	var (
		turn      = workload{respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForTurn, "it is another's turn"}
		closed    = workload{respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForWindow, "the next opens at two"}
		updating  = workload{respinv1alpha1.WorkloadUpdating, "", "it is its turn"}
		refused   = workload{respinv1alpha1.WorkloadUpdating, respinv1alpha1.ReasonRefused, "images must be signed"}
		updated   = workload{respinv1alpha1.WorkloadUpdated, respinv1alpha1.ReasonWaiting, "0 of 1 pods"}
		baking    = workload{respinv1alpha1.WorkloadBaking, respinv1alpha1.ReasonBaking, "until noon"}
		healthy   = workload{respinv1alpha1.WorkloadHealthy, "", ""}
		gone      = workload{respinv1alpha1.WorkloadSkipped, "", "it was deleted"}
		putBack   = workload{respinv1alpha1.WorkloadReverted, respinv1alpha1.ReasonReverted, ""}
		restarts  = workload{respinv1alpha1.WorkloadOpen, respinv1alpha1.ReasonPatchingOnRestart, "1 of 3 pods run it"}
		unlooked  = workload{}
		onRestart = func(run *respinv1alpha1.PatchRun) { run.Spec.Rollout.Type = respinv1alpha1.OnRestart }
	)
	for sentence, test := range map[string]struct {
		workloads []workload
		change    func(*respinv1alpha1.PatchRun)
		rolledOut string
		message   string
		health    string
	}{
		"one that waits":                          {[]workload{turn}, nil, "Unknown WaitingForTurn", "0 of 1 workloads have the patched image; Deployment/a: it is another's turn", ""},
		"the first that waits is told of":         {[]workload{closed, turn}, nil, "Unknown WaitingForWindow", "Deployment/a: the next opens at two", ""},
		"none looked at yet":                      {[]workload{unlooked, unlooked}, nil, "Unknown Updating", "0 of 2 workloads have the patched image; Deployment/a", ""},
		"one that is being given it":              {[]workload{updating}, nil, "Unknown Updating", "0 of 1 workloads have the patched image; Deployment/a: it is its turn", "Unknown Waiting"},
		"one that is refused":                     {[]workload{refused}, nil, "Unknown Refused", "Deployment/a: images must be signed", "Unknown Waiting"},
		"one that has it":                         {[]workload{updated}, nil, "True Updated", "1 of 1 workloads have the patched image", "Unknown Waiting"},
		"one that bakes":                          {[]workload{baking}, nil, "True Updated", "1 of 1 workloads", "Unknown Baking"},
		"one that has it, and one that waits":     {[]workload{turn, updated}, nil, "Unknown Updating", "1 of 2 workloads have the patched image; Deployment/b: 0 of 1 pods", "Unknown Waiting"},
		"one that is done, and one that waits":    {[]workload{healthy, turn}, nil, "Unknown WaitingForTurn", "1 of 2 workloads have the patched image; Deployment/b: it is", ""},
		"one that has it, and one being given":    {[]workload{updated, updating}, nil, "Unknown Updating", "1 of 2 workloads", "Unknown Waiting"},
		"one that is done, and one that has it":   {[]workload{healthy, updated}, nil, "True Updated", "2 of 2 workloads", "Unknown Waiting"},
		"one that is gone, and one that has it":   {[]workload{gone, updated}, nil, "True Updated", "1 of 2 workloads", "Unknown Waiting"},
		"one that was put back, and one that has": {[]workload{putBack, healthy, baking}, nil, "True Updated", "2 of 3 workloads", "Unknown Baking"},
		"one that is gone, and one that waits":    {[]workload{gone, closed}, nil, "Unknown WaitingForWindow", "0 of 2 workloads", ""},
		"pods that are yet to restart":            {[]workload{restarts}, onRestart, "Unknown PatchingOnRestart", "Deployment/a: 1 of 3 pods run it", "Unknown Waiting"},
		"pods that are, beside what waits":        {[]workload{closed, restarts}, onRestart, "Unknown PatchingOnRestart", "Deployment/b: 1 of 3 pods run it", "Unknown Waiting"},
		"what waits to be patched on restart":     {[]workload{closed}, onRestart, "Unknown WaitingForWindow", "Deployment/a: the next", ""},
		"one that is done, and one on restart":    {[]workload{healthy, restarts}, onRestart, "Unknown PatchingOnRestart", "Deployment/b: 1 of 3", "Unknown Waiting"},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := rollingOut(test.workloads...)
			if test.change != nil {
				test.change(run)
			}
			reconciler().tellRollout(run)
			if found := says(run, respinv1alpha1.ConditionRolledOut); found != test.rolledOut {
				t.Errorf("RolledOut is %s, want %s", found, test.rolledOut)
			}
			if found := says(run, respinv1alpha1.ConditionHealthy); found != test.health {
				t.Errorf("Healthy is %s, want %s", found, test.health)
			}
			c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionRolledOut)
			if !strings.Contains(c.Message, test.message) || strings.HasSuffix(c.Message, ": ") {
				t.Errorf("RolledOut says %q, want %q", c.Message, test.message)
			}
			for _, w := range run.Status.Workloads {
				if w.State == "" {
					t.Errorf("%s is written without a state, which the API does not take", w.Name)
				}
			}
		})
	}
}

func TestOnceAWorkloadIsNotHealthyWhatWasToldOfTheRolloutStays(t *testing.T) {
	run := rollingOut(workload{respinv1alpha1.WorkloadUpdated, "", ""})
	r := reconciler()
	r.tellRollout(run)
	r.unhealthy(run, run.Spec.Workloads[0], &run.Status.Workloads[0], respinv1alpha1.ReasonTimedOut, "not healthy within 10m")
	r.tellRollout(run)
	if rolledOut, healthy := says(run, respinv1alpha1.ConditionRolledOut), says(run, respinv1alpha1.ConditionHealthy); rolledOut != "True Updated" || healthy != "False TimedOut" {
		t.Errorf("RolledOut is %s, Healthy is %s", rolledOut, healthy)
	}
}

func TestHowARolloutEnds(t *testing.T) {
	var (
		healthy = workload{respinv1alpha1.WorkloadHealthy, "", ""}
		gone    = workload{respinv1alpha1.WorkloadSkipped, "", "it was deleted"}
		putBack = workload{respinv1alpha1.WorkloadReverted, respinv1alpha1.ReasonReverted, "someone put its previous image back"}
		flux    = workload{respinv1alpha1.WorkloadReverted, respinv1alpha1.ReasonGitOpsConflict, "Flux put its previous image back"}
	)
	for sentence, test := range map[string]struct {
		workloads []workload
		rolledOut string
		succeeded string // only where it is closed
		says      string
	}{
		"all healthy":                  {[]workload{healthy, healthy}, "True Updated", "", "2 of 2 workloads have"},
		"some gone":                    {[]workload{gone, healthy}, "True Updated", "", "1 of 2 workloads have"},
		"some put back":                {[]workload{healthy, flux}, "True Updated", "", "1 of 2 workloads have"},
		"all gone":                     {[]workload{gone, gone}, "False NothingToUpdate", "False NothingToUpdate", "Deployment/a: it was deleted"},
		"all put back by a person":     {[]workload{putBack}, "False Reverted", "False Reverted", "someone put its previous image back"},
		"all put back by Flux":         {[]workload{flux, flux}, "False GitOpsConflict", "False GitOpsConflict", "Flux put its previous image back"},
		"all put back, or gone before": {[]workload{gone, flux}, "False GitOpsConflict", "False GitOpsConflict", "Deployment/b: Flux"},
	} {
		t.Run(sentence, func(t *testing.T) {
			run, r := rollingOut(test.workloads...), reconciler()
			if !r.over(run) {
				t.Fatal("there is something left to do")
			}
			out := r.rolledOut(run)
			rolledOut, ended := says(run, respinv1alpha1.ConditionRolledOut), says(run, respinv1alpha1.ConditionSucceeded)
			if rolledOut != test.rolledOut || ended != test.succeeded || out.done != (test.succeeded == "") {
				t.Errorf("RolledOut is %s, Succeeded is %q, done: %v", rolledOut, ended, out.done)
			}
			if c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionRolledOut); !strings.Contains(c.Message, test.says) {
				t.Errorf("it says %q, want %q", c.Message, test.says)
			}
			if healthy := says(run, respinv1alpha1.ConditionHealthy); out.done && healthy != string(metav1.ConditionTrue)+" "+respinv1alpha1.ReasonHealthy {
				t.Errorf("Healthy is %s", healthy)
			}
		})
	}
}
