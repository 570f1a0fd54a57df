package plan

import (
	"fmt"
	"slices"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Wait is what keeps a workload from being given the patched image for now.
type Wait struct {
	Reason  string
	Message string
	// Until is when it is over by the clock; zero where only the cluster, or a person, ends it.
	Until time.Time
}

// Start is what is known of a workload that is to be given the patched image.
type Start struct {
	Policy *respinv1alpha1.PatchPolicy
	Run    *respinv1alpha1.PatchRun
	Target respinv1alpha1.WorkloadTarget
	// Runs are the policy's.
	Runs []respinv1alpha1.PatchRun
	Now  time.Time
	// Paused says that the workload does not follow its template.
	Paused bool
	// Sick is what is wrong with the workload on the image that it has.
	Sick string
	// Protected names a disruption budget that allows no pod to be missing.
	Protected string
}

// MayStart says what keeps a workload from being given the patched image; nil if nothing does but, perhaps, others whose
// turn it is. The checks go from what holds for all of a policy's workloads to what is this one's.
func MayStart(s Start) *Wait {
	for _, check := range []func(Start) *Wait{suspended, wave, closedWindow, paused, sick, protected} {
		if wait := check(s); wait != nil {
			return wait
		}
	}
	return nil
}

func suspended(s Start) *Wait {
	if !s.Policy.Spec.Suspend {
		return nil
	}
	return &Wait{Reason: respinv1alpha1.ReasonSuspended, Message: fmt.Sprintf(
		"the policy %s is suspended; the run goes on when spec.suspend is false", s.Policy.Name)}
}

func wave(s Start) *Wait { return earlierWave(s.Run, s.Target, s.Runs) }

// closedWindow waits for a window to open, but for what is urgent. Windows that cannot be understood never open: the policy
// says so.
func closedWindow(s Start) *Wait {
	if Urgent(s.Policy, s.Run.Spec.Base.To) {
		return nil
	}
	windows, problem := ParseWindows(s.Policy.Spec.Rollout.Windows)
	if problem != nil {
		return &Wait{Reason: problem.Reason, Message: problem.Message}
	}
	if windows.Open(s.Now) {
		return nil
	}
	next, ok := windows.Next(s.Now)
	if !ok {
		return &Wait{Reason: respinv1alpha1.ReasonWaitingForWindow, Message: "no rollout window ever opens; see spec.rollout.windows"}
	}
	return &Wait{Reason: respinv1alpha1.ReasonWaitingForWindow, Until: next, Message: fmt.Sprintf(
		"the next rollout window opens at %s", next.UTC().Format(time.RFC3339))}
}

func paused(s Start) *Wait {
	if !s.Paused {
		return nil
	}
	return &Wait{Reason: respinv1alpha1.ReasonPaused, Message: fmt.Sprintf(
		"%s is paused; it is given the patched image when it is resumed: kubectl rollout resume", targetName(s.Target))}
}

func sick(s Start) *Wait {
	if s.Sick == "" || s.Policy.Spec.Rollout.Force {
		return nil
	}
	return &Wait{Reason: respinv1alpha1.ReasonUnhealthyBefore, Message: fmt.Sprintf(
		"%s is not healthy on the image that it has, and is not touched until it is, or until spec.rollout.force is true: %s",
		targetName(s.Target), s.Sick)}
}

func protected(s Start) *Wait {
	if s.Protected == "" {
		return nil
	}
	return &Wait{Reason: respinv1alpha1.ReasonDisruptionBudget, Message: fmt.Sprintf(
		"poddisruptionbudget/%s allows no pod of %s to be missing now, and its update strategy would take one away", s.Protected, targetName(s.Target))}
}

// Urgent tells whether a policy names a base's digest as urgent.
func Urgent(policy *respinv1alpha1.PatchPolicy, digest string) bool {
	return slices.Contains(policy.Spec.Urgent, digest)
}
