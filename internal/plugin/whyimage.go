package plugin

import (
	"fmt"
	"slices"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
)

// aboutImage explains an image, and its run, for workloads that run it.
func (a *account) aboutImage(k known, workloads []string) {
	run := a.run(a.namespace, k.app.Run)
	if run == nil {
		run = a.lastRun(k.app)
	}
	a.gap()
	a.say("Image", image.Reference{Repository: k.app.Repository, Tag: k.app.Tag, Digest: k.app.Digest}.Familiar())
	a.say("Base", baseSentence(k.app), a.moveSentence(k))
	a.say("State", stateSentence(k.app))
	a.say("Waits", a.waits(k, run)...)
	a.pods(k, run, workloads)
	a.aboutRun(run, workloads)
	if needs := append(a.policyNeeds(k.policy), a.imageNeeds(k.policy, k.app, run)...); len(needs) > 0 {
		a.next(needs...)
		return
	}
	a.say("Next", nothing(k.app, run))
}

// lastRun is the newest run that made the image, or that was for it.
func (a *account) lastRun(app respinv1alpha1.ImageStatus) *respinv1alpha1.PatchRun {
	found := a.runsOf(func(run *respinv1alpha1.PatchRun) bool {
		made := run.Status.Output != nil && run.Status.Output.Digest == app.Digest
		return app.Digest != "" && (made || run.Spec.Source.Digest == app.Digest)
	})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

var evidence = map[string]string{
	string(image.Declared):    "as the policy declares it",
	string(image.Annotations): "as the image's annotations tell",
	string(image.Buildpacks):  "as the buildpacks that made the image recorded it",
	string(image.Provenance):  "as the image's provenance tells",
	string(image.Layers):      "as the image's layers tell",
}

var certainty = map[string]string{
	string(image.Proven):   "That is proven: the image's layers begin with the base's.",
	string(image.Recorded): "The digest it was built on is on record.",
	string(image.Named):    "Only the base's name is known, not the digest it was built on.",
	string(image.Doubtful): "That is doubtful: the image's layers do not fit the base's.",
}

func baseSentence(app respinv1alpha1.ImageStatus) string {
	if app.Base == "" {
		return "Not known: nothing tells which base it was built on."
	}
	sentence := familiar(app.Base)
	if how := evidence[app.Lineage]; how != "" {
		sentence += ", " + how
	}
	sentence += "."
	if sure := certainty[app.Certainty]; sure != "" {
		sentence += " " + sure
	}
	return sentence
}

// moveSentence says from where to where the base has moved, and when that was seen.
func (a *account) moveSentence(k known) string {
	base := baseOf(k.policy, k.app.Base)
	switch {
	case base == nil:
		return ""
	case base.Message != "":
		return "It could not be checked: " + base.Message
	case base.Digest == "":
		return "It has not been resolved yet."
	}
	sentence := fmt.Sprintf("The base is at %s", short(base.Digest))
	if !base.FirstSeen.IsZero() {
		sentence += " since " + moment(base.FirstSeen.Time, a.now)
	}
	if k.app.BaseDigest != "" && k.app.BaseDigest != base.Digest {
		sentence += fmt.Sprintf("; the image was built on %s", short(k.app.BaseDigest))
	}
	return sentence + "."
}

func stateSentence(app respinv1alpha1.ImageStatus) string {
	sentence := string(app.State)
	if app.Reason != "" && app.Reason != sentence {
		sentence += ", " + app.Reason
	}
	if app.Message != "" {
		return sentence + ": " + app.Message
	}
	return sentence + "."
}

// waitable are the reasons that say what is waited for, in the order of the sentences.
var waitable = []string{
	respinv1alpha1.ReasonSuspended, respinv1alpha1.ReasonSettling, respinv1alpha1.ReasonSoaking,
	respinv1alpha1.ReasonAwaitingApproval, respinv1alpha1.ReasonOtherDigest, respinv1alpha1.ReasonApproverUnknown,
	respinv1alpha1.ReasonWaitingForWindow, respinv1alpha1.ReasonWaitingForTurn, respinv1alpha1.ReasonWaitingForWave,
	respinv1alpha1.ReasonWaveFailed, respinv1alpha1.ReasonUnhealthyBefore, respinv1alpha1.ReasonPaused,
	respinv1alpha1.ReasonDisruptionBudget, respinv1alpha1.ReasonPatchingOnRestart, respinv1alpha1.ReasonBaking,
}

// waits are the sentences about what an image waits for.
func (a *account) waits(k known, run *respinv1alpha1.PatchRun) []string {
	var sentences []string
	for _, reason := range waitable {
		asked := k.app.Reason == reason || waiting(run, reason) != "" || unapproved(run) == reason
		if reason == respinv1alpha1.ReasonBaking && baking(run) != nil {
			asked = true
		}
		if asked {
			sentences = append(sentences, a.waitSentence(k, run, reason))
		}
	}
	return sentences
}

func (a *account) waitSentence(k known, run *respinv1alpha1.PatchRun, reason string) string {
	when := ""
	if at := until(k.policy, k.app, run); !passed(at, a.now) {
		when = ", until " + moment(at.Time, a.now)
	}
	spec := k.policy.Spec
	switch reason {
	case respinv1alpha1.ReasonSuspended:
		return "For its policy to be resumed."
	case respinv1alpha1.ReasonSettling:
		return fmt.Sprintf("For the base to stay at its digest for %s (settle)%s.", length(spec.Settle), when)
	case respinv1alpha1.ReasonSoaking:
		return fmt.Sprintf("For the base's digest to be known for %s (soak)%s. What spec.urgent lists does not wait for that.", length(spec.Soak), when)
	case respinv1alpha1.ReasonWaitingForWindow:
		return "For a rollout window to open" + when + "."
	case respinv1alpha1.ReasonWaitingForTurn:
		return fmt.Sprintf("For its turn: workloads under way at once are bounded, to %d by the policy's budget.", max(1, spec.Rollout.Budget.MaxConcurrent))
	case respinv1alpha1.ReasonBaking:
		return "For the workload to stay healthy for bakeTime" + when + "."
	}
	return waitWords[reason]
}

var waitWords = map[string]string{
	respinv1alpha1.ReasonAwaitingApproval:  "For a person to approve the patched image's digest.",
	respinv1alpha1.ReasonOtherDigest:       "For a person to approve the patched image's digest: what was approved is another one.",
	respinv1alpha1.ReasonApproverUnknown:   "For a person to approve it again: the approval did not pass the operator's webhook, so that it is not known whose it is.",
	respinv1alpha1.ReasonWaitingForWave:    "For the workloads of earlier waves to be healthy and to have stayed so.",
	respinv1alpha1.ReasonWaveFailed:        "For nothing: a workload of an earlier wave failed, and later waves are not begun.",
	respinv1alpha1.ReasonUnhealthyBefore:   "For a workload to be healthy on the image that it has: it was not before the patch, and is not touched until it is.",
	respinv1alpha1.ReasonPaused:            "For a workload's rollout to be resumed.",
	respinv1alpha1.ReasonDisruptionBudget:  "For a PodDisruptionBudget to let a pod be missing.",
	respinv1alpha1.ReasonPatchingOnRestart: "For pods to start: they get the patched image as they do.",
}

// pods says how many pods run what they are to run.
func (a *account) pods(k known, run *respinv1alpha1.PatchRun, workloads []string) {
	word := "Pods"
	for _, name := range workloads {
		pods := countPods(a.workload(a.namespace, name), k.app, run, name)
		if pods == nil {
			continue
		}
		what := "the patched image"
		if k.app.State == respinv1alpha1.ImageCurrent && k.app.Patched == "" {
			what = "it"
		}
		a.say(word, fmt.Sprintf("%d of %s of %s run %s.", pods.Patched, count(int(pods.Pods), "pod"), name, what))
		word = ""
	}
}

// nothing says that nothing is to be done, and why.
func nothing(app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) string {
	underWay := run != nil && !plan.Finished(run)
	switch {
	case app.State == respinv1alpha1.ImageCurrent && !underWay:
		return "Nothing: it stands on its base as it is now."
	case app.Reason == respinv1alpha1.ReasonPublished:
		return "Have your other tool roll out " + app.Patched + "."
	case underWay || slices.Contains(passing, app.Reason):
		return "Nothing: it goes on by itself."
	}
	return "Nothing."
}
