package plan

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// newRun is the run that patches an image, with everything in it pinned.
func newRun(policy *respinv1alpha1.PatchPolicy, rule *Rule, facts Facts, verdict image.Verdict) *respinv1alpha1.PatchRun {
	spec := respinv1alpha1.PatchRunSpec{
		Policy:       respinv1alpha1.PolicyReference{Name: policy.Name, UID: policy.UID},
		Because:      respinv1alpha1.Cause{Reason: respinv1alpha1.ReasonBaseMoved, Message: cause(facts, verdict)},
		Source:       source(facts),
		Base:         baseMove(facts),
		Method:       respinv1alpha1.MethodRebuild,
		MethodReason: methodReason(rule),
		Build:        rule.Spec.Build,
		Output:       outputRepository(rule, facts.App),
		Workloads:    append([]respinv1alpha1.WorkloadTarget(nil), facts.App.Targets...),
		Rollout:      policy.Spec.Rollout,
	}
	pairHash := Pair(spec)
	spec.Output += ":" + image.PatchedTag(facts.App.Ref.Tag, pairHash)
	return &respinv1alpha1.PatchRun{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: policy.Namespace,
			Name:      runName(policy.Name, pairHash, spec.Workloads),
			Labels:    map[string]string{respinv1alpha1.LabelPolicy: label(policy.Name)},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(policy, respinv1alpha1.GroupVersion.WithKind("PatchPolicy")),
			},
		},
		Spec: spec,
	}
}

func source(facts Facts) respinv1alpha1.SourceImage {
	source := respinv1alpha1.SourceImage{
		Repository:     facts.App.Ref.Repository,
		Tag:            facts.App.Ref.Tag,
		Digest:         facts.App.Ref.Digest,
		OriginalDigest: original(facts.Image),
	}
	for _, platform := range facts.Image.Platforms() {
		source.Platforms = append(source.Platforms, platform.String())
	}
	return source
}

// original is the digest of the image that was never patched: the one that a patched image names, else its own.
func original(app image.Image) string {
	annotations := []map[string]string{app.Annotations}
	for _, child := range app.Children {
		annotations = append(annotations, child.Annotations)
	}
	for _, set := range annotations {
		if digest := set[image.AnnotationSourceDigest]; image.ValidDigest(digest) {
			return digest
		}
	}
	return app.Digest
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

func methodReason(rule *Rule) string {
	if rule.Spec.Method == respinv1alpha1.MethodRebuild {
		return "the policy asks for Rebuild"
	}
	return "a build is declared, and Rebuild is the first method that can be used"
}

// outputRepository is where an image's patched form is pushed: what the rule says, else the image's own repository.
func outputRepository(rule *Rule, app AppImage) string {
	if rule.Output != "" {
		return rule.Output
	}
	return app.Ref.Repository
}
