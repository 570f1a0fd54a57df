package plan

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// newRun is the run that patches an image, with everything in it pinned.
func newRun(policy *respinv1alpha1.PatchPolicy, rule *Rule, facts Facts, verdict image.Verdict) *respinv1alpha1.PatchRun {
	method, because := choose(rule, facts.Proof)
	spec := respinv1alpha1.PatchRunSpec{
		Policy:          respinv1alpha1.PolicyReference{Name: policy.Name, UID: policy.UID},
		Because:         respinv1alpha1.Cause{Reason: respinv1alpha1.ReasonBaseMoved, Message: cause(facts, verdict)},
		Source:          source(facts),
		Base:            baseMove(facts),
		Method:          method,
		MethodReason:    Clip(because, maxReason),
		RequestedMethod: asked(rule),
		Allow:           rule.Spec.Allow,
		Build:           rule.Spec.Build,
		Output:          outputRepository(rule, facts.App),
		Workloads:       inWaves(facts.App.Targets),
		Rollout:         policy.Spec.Rollout.Delivery,
	}
	if method == respinv1alpha1.MethodRebase {
		spec.Rebase = rebaseSpec(facts.Proof)
	}
	spec.Output += ":" + image.PatchedTag(facts.App.Ref.Tag, Pair(spec))
	run := &respinv1alpha1.PatchRun{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: policy.Namespace,
			Labels:    map[string]string{respinv1alpha1.LabelPolicy: label(policy.Name)},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(policy, respinv1alpha1.GroupVersion.WithKind("PatchPolicy")),
			},
		},
		Spec: spec,
	}
	run.Name = runName(run)
	return run
}

// inWaves are targets in the order in which they are rolled out: wave by wave.
func inWaves(targets []respinv1alpha1.WorkloadTarget) []respinv1alpha1.WorkloadTarget {
	ordered := slices.Clone(targets)
	slices.SortStableFunc(ordered, func(a, b respinv1alpha1.WorkloadTarget) int { return cmp.Compare(a.Wave, b.Wave) })
	return ordered
}

func source(facts Facts) respinv1alpha1.SourceImage {
	original := image.Original(facts.App.Ref, facts.Image)
	source := respinv1alpha1.SourceImage{
		Repository:     facts.App.Ref.Repository,
		Tag:            facts.App.Ref.Tag,
		Digest:         facts.App.Ref.Digest,
		OriginalDigest: original.Digest,
	}
	if original.Repository != source.Repository {
		source.OriginalRepository = original.Repository
	}
	for _, platform := range facts.Image.Platforms() {
		source.Platforms = append(source.Platforms, platform.String())
	}
	return source
}

// rebaseSpec pins what a rebase starts from.
func rebaseSpec(proof *Proof) *respinv1alpha1.RebaseSpec {
	if proof == nil {
		return nil
	}
	spec := &respinv1alpha1.RebaseSpec{}
	for _, record := range proof.From {
		twice := slices.ContainsFunc(spec.From, func(p respinv1alpha1.PlatformDigest) bool { return p.Platform == record.Platform.String() })
		if record.Digest != "" && !twice { // else the run refuses: it is told of there
			spec.From = append(spec.From, respinv1alpha1.PlatformDigest{
				Platform: record.Platform.String(), Digest: record.Digest,
			})
		}
	}
	return spec
}

func baseMove(facts Facts) respinv1alpha1.BaseMove {
	return respinv1alpha1.BaseMove{
		Image: facts.Lineage.Base.Familiar(),
		From:  facts.Lineage.Digest,
		To:    facts.Base.Digest,
	}
}

func cause(facts Facts, verdict image.Verdict) string {
	return Clip(fmt.Sprintf("%s is behind %s on %s", facts.App.Ref.Repository, facts.Lineage.Base.Familiar(), verdict.Reason()), maxMessage)
}

// outputRepository is where an image's patched form is pushed: what the rule says, else the image's own repository.
func outputRepository(rule *Rule, app AppImage) string {
	if rule.Output != "" {
		return rule.Output
	}
	return app.Ref.Repository
}
