package plugin

import (
	"fmt"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
)

// Named is the run that a person named, bare or as patchrun/name. Its error says which there are.
func Named(facts Facts, namespace, arg string) (*respinv1alpha1.PatchRun, error) {
	subject, err := ParseSubject(arg)
	if err != nil {
		return nil, err
	}
	if run := facts.run(namespace, subject.Name); run != nil && subject.Kind == "" && !subject.Policy {
		return run, nil
	}
	return nil, Missing(arg, namespace, "patchrun", facts.RunNames())
}

// Approve tells whether a person may approve a run's patched image, and what they would approve. A digest that is not
// empty has to be that image's. Its error says why not, and what to do instead.
func Approve(run *respinv1alpha1.PatchRun, digest string) (string, error) {
	status := run.Status
	switch {
	case digest != "" && !image.ValidDigest(digest):
		return "", fmt.Errorf("--digest: %q is not sha256: and 64 hexadecimal digits; leave it out to be shown the run's own", digest)
	case status.Approval != nil && status.Output != nil && status.Approval.Digest == status.Output.Digest:
		return "", fmt.Errorf("patchrun/%s is approved already, by %s", run.Name, status.Approval.By)
	case plan.Finished(run):
		return "", fmt.Errorf("patchrun/%s is over (%s): there is nothing to approve", run.Name, status.Phase)
	case status.Output == nil || status.Output.Digest == "":
		return "", fmt.Errorf("patchrun/%s has no patched image yet (%s): wait until it is verified, as in kubectl respin status -w",
			run.Name, phaseOf(run))
	case unapproved(run) == "":
		return "", fmt.Errorf("patchrun/%s does not wait for approval (%s)", run.Name, phaseOf(run))
	case digest != "" && digest != status.Output.Digest:
		return "", fmt.Errorf("patchrun/%s made %s, and --digest is %s: nothing was approved", run.Name, status.Output.Digest, digest)
	}
	return approvalText(run), nil
}

func phaseOf(run *respinv1alpha1.PatchRun) respinv1alpha1.RunPhase {
	if run.Status.Phase == "" {
		return respinv1alpha1.PhasePending
	}
	return run.Status.Phase
}

// approvalText shows what is approved: everything that a person judges it by.
func approvalText(run *respinv1alpha1.PatchRun) string {
	var p paragraphs
	p.say("Run", fmt.Sprintf("patchrun/%s of patchpolicy/%s in %s", run.Name, run.Spec.Policy.Name, run.Namespace))
	p.line("Image", run.Status.Output.Image)
	p.line("Digest", run.Status.Output.Digest)
	p.line("Instead", image.Reference{
		Repository: run.Spec.Source.Repository, Tag: run.Spec.Source.Tag, Digest: run.Spec.Source.Digest,
	}.Familiar())
	p.say("Base", baseMove(run))
	p.say("Method", fmt.Sprintf("%s: %s", run.Spec.Method, run.Spec.MethodReason))
	p.say("Rollout", fmt.Sprintf("%s, to %s", run.Spec.Rollout.Type, list(workloadsOf(run), "no workload")))
	p.say("Waived", waived(run)...)
	return p.text.String()
}

func baseMove(run *respinv1alpha1.PatchRun) string {
	from := "a digest that is not on record"
	if run.Spec.Base.From != "" {
		from = short(run.Spec.Base.From)
	}
	return fmt.Sprintf("%s, from %s to %s", familiar(run.Spec.Base.Image), from, short(run.Spec.Base.To))
}

// workloadsOf are the workloads that a run is for, as Kind/name.
func workloadsOf(run *respinv1alpha1.PatchRun) []string {
	names := []string{}
	for _, t := range run.Spec.Workloads {
		names = append(names, label(t.Kind, t.Name))
	}
	return names
}

// waived are the safety checks that found something, and that the policy waives.
func waived(run *respinv1alpha1.PatchRun) []string {
	var lines []string
	for _, check := range run.Status.Checks {
		if check.Result == respinv1alpha1.CheckWaived {
			lines = append(lines, check.Name+": "+check.Message)
		}
	}
	return lines
}

// Unapproved are the names of the runs that wait for a person's approval, newest first.
func (f Facts) Unapproved() []string {
	var names []string
	for _, run := range f.runsOf(func(run *respinv1alpha1.PatchRun) bool { return unapproved(run) != "" }) {
		names = append(names, run.Name)
	}
	return names
}

// NamedPolicy is the policy that a person named, bare or as patchpolicy/name. Its error says which there are.
func NamedPolicy(facts Facts, namespace, arg string) (*respinv1alpha1.PatchPolicy, error) {
	subject, err := ParseSubject(arg)
	if err != nil {
		return nil, err
	}
	for i := range facts.Policies {
		if policy := &facts.Policies[i]; policy.Name == subject.Name && subject.Kind == "" && !subject.Run {
			return policy, nil
		}
	}
	return nil, Missing(arg, namespace, "policy", facts.PolicyNames())
}
