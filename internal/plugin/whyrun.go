package plugin

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// steps are a run's conditions in order.
var steps = []string{
	respinv1alpha1.ConditionPlanned, respinv1alpha1.ConditionBuilt, respinv1alpha1.ConditionVerified, respinv1alpha1.ConditionApproved,
	respinv1alpha1.ConditionRolledOut, respinv1alpha1.ConditionHealthy, respinv1alpha1.ConditionRolledBack, respinv1alpha1.ConditionSucceeded,
}

// aboutRun explains how far an image's run has come, and what it met.
func (a *account) aboutRun(run *respinv1alpha1.PatchRun, workloads []string) {
	if run == nil {
		return
	}
	a.say("Run", a.runSentence(run), run.Spec.MethodReason, approvalSentence(run))
	a.conditions(run)
	a.say("Refused", refused(run)...)
	word := "Rollout"
	for i := range run.Status.Workloads {
		w := &run.Status.Workloads[i]
		if name := label(w.Kind, w.Name); slices.Contains(workloads, name) {
			a.say(word, a.progressSentence(w))
			word = ""
		}
	}
}

func (a *account) runSentence(run *respinv1alpha1.PatchRun) string {
	sentence := fmt.Sprintf("patchrun/%s, by %s", run.Name, run.Spec.Method)
	if old := age(&run.CreationTimestamp, a.now); old != "" {
		sentence += ", created " + old + " ago"
	}
	if run.Status.Phase == "" {
		return sentence + ": not begun yet."
	}
	sentence += ": " + string(run.Status.Phase)
	if run.Status.Reason != "" && run.Status.Reason != string(run.Status.Phase) {
		sentence += ", " + run.Status.Reason
	}
	return sentence + "."
}

func approvalSentence(run *respinv1alpha1.PatchRun) string {
	if run.Status.Approval == nil {
		return ""
	}
	return fmt.Sprintf("%s approved %s.", run.Status.Approval.By, short(run.Status.Approval.Digest))
}

// conditions are the run's conditions, a line each, with their messages where they are not True.
func (a *account) conditions(run *respinv1alpha1.PatchRun) {
	for _, kind := range steps {
		c := meta.FindStatusCondition(run.Status.Conditions, kind)
		if c == nil {
			continue
		}
		line := fmt.Sprintf("  %-10s  %-7s  %s", kind, c.Status, c.Reason)
		if since := age(&c.LastTransitionTime, a.now); since != "" {
			line += ", " + since + " ago"
		}
		a.line("", line)
		told := c.Status != metav1.ConditionTrue || kind == respinv1alpha1.ConditionRolledBack
		if told && !repeated(run, c) {
			a.indented(c.Message, 14)
		}
	}
}

// repeated tells whether a run's end only says again what the condition that failed says.
func repeated(run *respinv1alpha1.PatchRun, c *metav1.Condition) bool {
	return c.Type == respinv1alpha1.ConditionSucceeded && c.Message == failure(run) && slices.ContainsFunc(run.Status.Conditions,
		func(other metav1.Condition) bool { return other.Type != c.Type && other.Message == c.Message })
}

// refused are the safety checks that spoke against a rebase.
func refused(run *respinv1alpha1.PatchRun) []string {
	var lines []string
	for _, check := range run.Status.Checks {
		if check.Result == respinv1alpha1.CheckRefused {
			lines = append(lines, check.Name+": "+check.Message)
		}
	}
	return lines
}

func (a *account) progressSentence(w *respinv1alpha1.WorkloadStatus) string {
	sentence := fmt.Sprintf("%s: %s", label(w.Kind, w.Name), w.State)
	if w.Reason != "" && w.Reason != string(w.State) {
		sentence += ", " + w.Reason
	}
	if since := age(w.Since, a.now); since != "" {
		sentence += ", for " + since
	}
	if w.Message != "" {
		return sentence + ": " + w.Message
	}
	return sentence + "."
}
