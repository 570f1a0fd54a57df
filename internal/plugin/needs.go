package plugin

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// Need is something that does not go on without a person.
type Need struct {
	// Message says in a line what it is.
	Message string `json:"message"`
	// Command is what to run, or the next thing to.
	Command string `json:"command"`
}

// respin is a command of this plugin, in a namespace.
func (f Facts) respin(namespace, command string) string {
	return f.kubectl(namespace, "respin "+command)
}

func (f Facts) kubectl(namespace, command string) string {
	return fmt.Sprintf("kubectl %s -n %s%s", command, namespace, f.Flags)
}

func (f Facts) edit(policy *respinv1alpha1.PatchPolicy) string {
	return f.kubectl(policy.Namespace, "edit patchpolicy/"+policy.Name)
}

func (f Facts) policyNeeds(policy *respinv1alpha1.PatchPolicy) []Need {
	var needs []Need
	if policy.Spec.Suspend {
		needs = append(needs, Need{"Suspended: nothing is patched until it is resumed", f.respin(policy.Namespace, "resume "+policy.Name)})
	}
	if c := meta.FindStatusCondition(policy.Status.Conditions, respinv1alpha1.ConditionStalled); c != nil && c.Status == metav1.ConditionTrue {
		needs = append(needs, Need{"The policy has a mistake: " + oneLine(c.Message), f.edit(policy)})
	}
	c := meta.FindStatusCondition(policy.Status.Conditions, respinv1alpha1.ConditionDegraded)
	if c != nil && c.Status == metav1.ConditionTrue && c.Reason == respinv1alpha1.ReasonClaimed {
		needs = append(needs, Need{"An older policy keeps some of its workloads: " + oneLine(c.Message), f.edit(policy)})
	}
	return needs
}

// undeclared are the reasons for which an image is not patched that a line in the policy mends.
var undeclared = map[string]string{
	respinv1alpha1.ReasonNoLineage:            "Nothing tells its base; declare images[].base.image",
	respinv1alpha1.ReasonAmbiguousLineage:     "More than one base could be meant; declare images[].base.image",
	respinv1alpha1.ReasonContradictingLineage: "What is told of its base contradicts itself; declare images[].base.image",
	respinv1alpha1.ReasonNoBuild:              "It is behind, and no build is declared; declare images[].build",
	respinv1alpha1.ReasonOutputIsBase:         "It would be pushed over its base; declare another images[].output.repository",
	respinv1alpha1.ReasonSharedOutput:         "Two rules push to one repository; give each an images[].output.repository of its own",
	respinv1alpha1.ReasonInvalidWindow:        "A window cannot be understood; mend rollout.windows",
	respinv1alpha1.ReasonInvalidWave:          "A wave cannot be understood; mend rollout.waves",
}

// passing are the reasons for which an image is not current that mend themselves.
var passing = []string{
	"", respinv1alpha1.ReasonBaseMoved, respinv1alpha1.ReasonPatching, respinv1alpha1.ReasonSettling, respinv1alpha1.ReasonSoaking,
	respinv1alpha1.ReasonWaitingForWindow, respinv1alpha1.ReasonWaitingForWave, respinv1alpha1.ReasonWaitingForTurn,
	respinv1alpha1.ReasonUnreachable, respinv1alpha1.ReasonSuspended, respinv1alpha1.ReasonPublished,
	respinv1alpha1.ReasonPatchingOnRestart,
}

func (f Facts) imageNeeds(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) []Need {
	if reason := unapproved(run); reason != "" {
		return []Need{f.approvalNeed(run, reason)}
	}
	switch app.State {
	case respinv1alpha1.ImageFailed:
		return []Need{f.failedNeed(policy, app, run)}
	case respinv1alpha1.ImageHeld:
		return []Need{f.heldNeed(policy, app)}
	case respinv1alpha1.ImageUnknown, respinv1alpha1.ImageBehind:
		return f.mistakes(policy, app)
	}
	return f.workloadNeeds(policy, run)
}

var approvalWords = map[string]string{
	respinv1alpha1.ReasonAwaitingApproval: "The patched image waits for approval",
	respinv1alpha1.ReasonOtherDigest:      "Another digest was approved than the patched image's",
	respinv1alpha1.ReasonApproverUnknown:  "It is not known who approved it; approve it again",
}

func (f Facts) approvalNeed(run *respinv1alpha1.PatchRun, reason string) Need {
	return Need{approvalWords[reason], f.respin(run.Namespace, "approve "+run.Name)}
}

func (f Facts) failedNeed(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) Need {
	message := "Failed"
	if app.Reason == respinv1alpha1.ReasonQuarantined {
		message = "Taken back"
	}
	if detail := failure(run); detail != "" {
		message += ": " + oneLine(detail)
	}
	if run == nil {
		return Need{message + "; see why", f.respin(policy.Namespace, "why "+tagged(app.Repository, app.Tag, app.Digest))}
	}
	return Need{message + "; once mended", f.respin(policy.Namespace, "retry "+run.Name)}
}

// failure is what went wrong in a run, in the words closest to it: those of the workload that was not healthy, of the
// condition that is False, or of the end.
func failure(run *respinv1alpha1.PatchRun) string {
	if run == nil {
		return ""
	}
	for _, kind := range []string{
		respinv1alpha1.ConditionHealthy, respinv1alpha1.ConditionRolledOut, respinv1alpha1.ConditionVerified,
		respinv1alpha1.ConditionBuilt, respinv1alpha1.ConditionPlanned, respinv1alpha1.ConditionSucceeded,
	} {
		c := meta.FindStatusCondition(run.Status.Conditions, kind)
		if c != nil && c.Status == metav1.ConditionFalse && c.Message != "" {
			return c.Message
		}
	}
	return ""
}

func (f Facts) heldNeed(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus) Need {
	if app.Reason == respinv1alpha1.ReasonGitOpsConflict {
		return Need{"Another manager of the image field put the previous image back; to patch without changing templates",
			f.kubectl(policy.Namespace, fmt.Sprintf(`patch patchpolicy/%s --type=merge -p '{"spec":{"rollout":{"type":"OnRestart"}}}'`, policy.Name))}
	}
	message := "Someone put the previous image back, and it is left alone"
	if app.Run == "" {
		return Need{message + "; see why", f.respin(policy.Namespace, "why "+tagged(app.Repository, app.Tag, app.Digest))}
	}
	return Need{message + "; to patch it again", f.respin(policy.Namespace, "retry "+app.Run)}
}

func (f Facts) mistakes(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus) []Need {
	if message, ok := undeclared[app.Reason]; ok {
		return []Need{{message, f.edit(policy)}}
	}
	if slices.Contains(passing, app.Reason) {
		return nil
	}
	message := app.Reason
	if app.Message != "" {
		message = oneLine(app.Message)
	}
	return []Need{{message, f.respin(policy.Namespace, "why "+tagged(app.Repository, app.Tag, app.Digest))}}
}

// workloadNeeds are what the workloads of a run under way wait for that only a person does.
func (f Facts) workloadNeeds(policy *respinv1alpha1.PatchPolicy, run *respinv1alpha1.PatchRun) []Need {
	if run == nil || plan.Finished(run) {
		return nil
	}
	var needs []Need
	for _, w := range run.Status.Workloads {
		if need, ok := f.workloadNeed(policy, w); ok {
			needs = append(needs, need)
		}
	}
	return needs
}

func (f Facts) workloadNeed(policy *respinv1alpha1.PatchPolicy, w respinv1alpha1.WorkloadStatus) (Need, bool) {
	name := label(w.Kind, w.Name)
	look := f.kubectl(policy.Namespace, "describe "+name)
	switch w.Reason {
	case respinv1alpha1.ReasonUnhealthyBefore:
		return Need{name + " is not healthy on the image that it has, and is not touched", look}, true
	case respinv1alpha1.ReasonPaused:
		return Need{name + " is paused", f.kubectl(policy.Namespace, "rollout resume "+name)}, true
	case respinv1alpha1.ReasonRefused:
		return Need{"The API server refuses the patched image: " + oneLine(w.Message), look}, true
	case respinv1alpha1.ReasonUnschedulable:
		return Need{"No node takes a new pod of " + name, f.kubectl(policy.Namespace, "get events")}, true
	case respinv1alpha1.ReasonDisruptionBudget:
		return Need{"A PodDisruptionBudget lets no pod of " + name + " be missing", f.kubectl(policy.Namespace, "get poddisruptionbudgets")}, true
	}
	return Need{}, false
}
