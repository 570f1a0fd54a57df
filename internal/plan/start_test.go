package plan

import (
	"strings"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func suspendedPolicy(p *respinv1alpha1.PatchPolicy) { p.Spec.Suspend = true }

func forcing(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Force = true }

func inWindows(windows ...respinv1alpha1.RolloutWindow) func(*respinv1alpha1.PatchPolicy) {
	return func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Windows = windows }
}

func TestWhatKeepsAWorkloadFromItsImage(t *testing.T) {
	open, closed := inWindows(window("0 11 * * *", "2h", "UTC")), inWindows(window("0 22 * * *", "4h", "UTC"))
	never, wrong := inWindows(window("0 2 30 2 *", "1h", "UTC")), inWindows(window("0 2 * * someday", "1h", "UTC"))
	failedCanary := theRun(behind(withTargets(target("canary"))), rolled, named("canary-run"))
	everything := func(s *Start) {
		s.Paused, s.Sick, s.Protected, s.Runs = true, "0 of 1 pods are available", "api-pdb", []respinv1alpha1.PatchRun{failedCanary}
	}
	for sentence, test := range map[string]struct {
		policy *respinv1alpha1.PatchPolicy
		facts  func(*Start)
		reason string
		says   string
		until  time.Time
	}{
		"nothing": {policy: payments()},
		"a policy that is suspended, before anything else": {
			payments(suspendedPolicy, closed), everything, respinv1alpha1.ReasonSuspended, "the policy payments is suspended", time.Time{},
		},
		"then an earlier wave":     {payments(closed), everything, respinv1alpha1.ReasonWaveFailed, "canary-run", time.Time{}},
		"then a window":            {payments(closed), func(s *Start) { everything(s); s.Runs = nil }, respinv1alpha1.ReasonWaitingForWindow, "opens at 2026-03-01T22:00:00Z", noon.Add(10 * time.Hour)},
		"then that it is paused":   {payments(open), func(s *Start) { everything(s); s.Runs = nil }, respinv1alpha1.ReasonPaused, "Deployment/api is paused", time.Time{}},
		"then its own health":      {payments(), func(s *Start) { everything(s); s.Runs, s.Paused = nil, false }, respinv1alpha1.ReasonUnhealthyBefore, "until spec.rollout.force is true: 0 of 1 pods are available", time.Time{}},
		"then a disruption budget": {payments(), func(s *Start) { s.Protected = "api-pdb" }, respinv1alpha1.ReasonDisruptionBudget, "poddisruptionbudget/api-pdb allows no pod of Deployment/api", time.Time{}},

		"not an open window":                         {policy: payments(open)},
		"not a closed one, where it is urgent":       {policy: payments(closed, urgent(newBase))},
		"a closed one, where another digest is":      {payments(closed, urgent(oldBase)), nil, respinv1alpha1.ReasonWaitingForWindow, "", noon.Add(10 * time.Hour)},
		"windows that never open":                    {payments(never), nil, respinv1alpha1.ReasonWaitingForWindow, "no rollout window ever opens", time.Time{}},
		"windows that cannot be understood":          {payments(wrong), nil, respinv1alpha1.ReasonInvalidWindow, "spec.rollout.windows[0].schedule", time.Time{}},
		"not even those, where it is urgent":         {policy: payments(wrong, urgent(newBase))},
		"one of them wrong, though another is open":  {payments(inWindows(window("0 11 * * *", "2h", "UTC"), window("0 2 * * someday", "1h", "UTC"))), nil, respinv1alpha1.ReasonInvalidWindow, "windows[1]", time.Time{}},
		"urgent or not, a policy that is suspended":  {payments(suspendedPolicy, urgent(newBase)), nil, respinv1alpha1.ReasonSuspended, "", time.Time{}},
		"urgent or not, an earlier wave":             {payments(urgent(newBase)), everything, respinv1alpha1.ReasonWaveFailed, "", time.Time{}},
		"urgent or not, its own health":              {payments(urgent(newBase)), func(s *Start) { s.Sick = "it crashes" }, respinv1alpha1.ReasonUnhealthyBefore, "it crashes", time.Time{}},
		"not its health, where the policy forces it": {policy: payments(forcing), facts: func(s *Start) { s.Sick = "it crashes" }},
		"force or not, that it is paused":            {payments(forcing), func(s *Start) { s.Paused, s.Sick = true, "it crashes" }, respinv1alpha1.ReasonPaused, "", time.Time{}},
		"force or not, a disruption budget":          {payments(forcing), func(s *Start) { s.Sick, s.Protected = "it crashes", "api-pdb" }, respinv1alpha1.ReasonDisruptionBudget, "", time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := theRun(behind(withTargets(inWave(1, target("api")))))
			start := Start{Policy: test.policy, Run: &run, Target: run.Spec.Workloads[0], Now: noon}
			if test.facts != nil {
				test.facts(&start)
			}
			wait := MayStart(start)
			if wait == nil {
				wait = &Wait{}
			}
			if wait.Reason != test.reason || !strings.Contains(wait.Message, test.says) || !wait.Until.Equal(test.until) {
				t.Errorf("it waits: %q, %q, until %s; want %q, %q, until %s", wait.Reason, wait.Message, wait.Until, test.reason, test.says, test.until)
			}
		})
	}
}

func TestAWindowLetsGoWhenItOpensAndNoMoreWhenItCloses(t *testing.T) {
	policy := payments(inWindows(window("0 22 * * *", "4h", "UTC")))
	run := theRun(behind())
	opens := time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)
	for now, may := range map[time.Time]bool{
		opens.Add(-1): false, opens: true, opens.Add(4*time.Hour - 1): true, opens.Add(4 * time.Hour): false,
	} {
		if wait := MayStart(Start{Policy: policy, Run: &run, Target: run.Spec.Workloads[0], Now: now}); (wait == nil) != may {
			t.Errorf("at %s it waits: %+v", now, wait)
		}
	}
}
