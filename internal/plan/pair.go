package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

const (
	// pairLength and targetsLength are how many hexadecimal digits of the hashes stand in names: 40 bits tell the
	// attempts of one policy apart, 20 the sets of workloads of one attempt.
	pairLength, targetsLength = 10, 5
	// maxPolicyInName leaves room for the hashes in a run's name, which is also a label's value of at most 63.
	maxPolicyInName = maxLabel - pairLength - targetsLength - len("--")
)

// pair is what makes an attempt the same attempt: never made twice by itself. The workloads are not part of it, so
// that a workload that turns up later is given the image that was already made. Of the method it is what the policy
// asked for that counts: which one Auto takes depends on nothing that is not in here.
type pair struct {
	Policy     types.UID
	Repository string
	Source     string
	Base       string
	BaseDigest string
	Method     respinv1alpha1.Method
	Allow      []respinv1alpha1.SafetyCheck
	Build      *respinv1alpha1.BuildSpec
	Output     string
}

// Pair is the hash that tells a run's attempt from every other: of the policy, the app image, the base's new digest,
// and how and whither the policy has the patched image made.
func Pair(spec respinv1alpha1.PatchRunSpec) string {
	output, err := image.ParseReference(spec.Output)
	if err != nil {
		output.Repository = spec.Output
	}
	return digest(pair{
		Policy: spec.Policy.UID, Repository: spec.Source.Repository, Source: spec.Source.Digest,
		Base: spec.Base.Image, BaseDigest: spec.Base.To,
		Method: spec.RequestedMethod, Allow: spec.Allow, Build: spec.Build, Output: output.Repository,
	}, pairLength)
}

// runName is the name of a run: of its pair, its workloads, and the way in which they get the image. It is the same
// whenever these are, so that creating a run twice is answered with AlreadyExists.
func runName(run *respinv1alpha1.PatchRun) string {
	return fmt.Sprintf("%s-%s-%s", cut(run.Spec.Policy.Name, maxPolicyInName), Pair(run.Spec), digest(addressed(run), targetsLength))
}

// addressed is whom a run is for and how it reaches them. The waves are left out, since they only order them; RollingUpdate
// is, so that its runs are named as they were before there was another way.
func addressed(run *respinv1alpha1.PatchRun) any {
	targets := slices.Clone(run.Spec.Workloads)
	for i := range targets {
		targets[i].Wave = 0
	}
	slices.SortStableFunc(targets, func(a, b respinv1alpha1.WorkloadTarget) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	if way := rolloutType(run); way != respinv1alpha1.RollingUpdate {
		return map[respinv1alpha1.RolloutType]any{way: targets}
	}
	return targets
}

// label is a policy's name as a label's value; one that is too long is cut and told from others by its hash.
func label(policy string) string {
	if len(policy) <= maxLabel {
		return policy
	}
	return cut(policy, maxLabel-pairLength-len("-")) + "-" + digest(policy, pairLength)
}

// cut shortens a name so that something may be put after it: a name has no dash beside a dot.
func cut(name string, limit int) string {
	return strings.TrimRight(name[:min(len(name), limit)], "-.")
}

// Output is where a run pushes its image in its present attempt. A retry pushes to a tag of its own: what an earlier
// attempt pushed is not to be taken for its result.
func Output(run *respinv1alpha1.PatchRun) string {
	output, err := image.ParseReference(run.Spec.Output)
	if run.Status.Attempts <= 1 || err != nil {
		return run.Spec.Output
	}
	output.Tag = image.PatchedTag(run.Spec.Source.Tag, fmt.Sprintf("%s%02x", Pair(run.Spec), run.Status.Attempts))
	return output.String()
}

// digest is the first digits of the SHA-256 of a value's JSON.
func digest(value any, digits int) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("hashing %T: %v", value, err)) // only types that JSON cannot hold get here: a bug
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:digits]
}
