package patchrun

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// Registry is what a run needs of registries.
type Registry interface {
	// Inspect reads what a repository has under a digest.
	Inspect(ctx context.Context, ref image.Reference, platforms []image.Platform) (image.Image, error)
	// Layers reads what the tar headers of layers say.
	Layers(ctx context.Context, needed []safety.Layer) (safety.Facts, error)
	// Find tells which digest a tag has now, if it exists.
	Find(ctx context.Context, ref image.Reference) (digest string, found bool, err error)
}

// Access is what a run may do at registries, with what its namespace has given for that.
type Access struct {
	Registry Registry
	// Rebaser makes images by their manifests alone.
	Rebaser builder.Builder
	// Login gives a build the username and the password for a repository.
	Login func(repository string, push bool) (username, password string)
}

// credentials are for a build that pushes to one repository, and pulls from others.
func (a Access) credentials(output string) func(repository string) (username, password string) {
	to, err := image.ParseReference(output)
	return func(repository string) (string, string) {
		return a.Login(repository, err == nil && repository == to.Repository)
	}
}

// Open gives access to registries on behalf of a namespace.
type Open func(ctx context.Context, namespace string, wanted access.Wanted) (Access, error)

// access opens registries for a run: as its policy says now, since credentials are no part of what is pinned, and with
// the secrets that the pods of its workloads are pulled with.
func (r *Reconciler) access(ctx context.Context, run *respinv1alpha1.PatchRun) (Access, error) {
	policy, err := r.policy(ctx, run)
	if err != nil {
		return Access{}, err
	}
	if policy == nil {
		return Access{}, fmt.Errorf("the policy %s is gone", run.Spec.Policy.Name)
	}
	var pods []string
	for _, target := range run.Spec.Workloads {
		names, err := r.pullSecrets(ctx, run.Namespace, target)
		if err != nil {
			return Access{}, err
		}
		pods = append(pods, names...)
	}
	rule := plan.RuleOf(plan.Rules(policy.Spec), run)
	return r.Open(ctx, run.Namespace, access.Of(policy, rule.OutputSpec(), pods))
}

func (r *Reconciler) pullSecrets(ctx context.Context, namespace string, target respinv1alpha1.WorkloadTarget) ([]string, error) {
	w, err := rollout.Get(ctx, r.Client, target.Kind, client.ObjectKey{Namespace: namespace, Name: target.Name})
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	pods, err := rollout.Pods(ctx, r.Client, w)
	if err != nil {
		return nil, err
	}
	return rollout.PullSecrets(w, pods), nil
}

// accessTrouble waits for what a namespace has not given yet: nobody tells of a Secret or a RoleBinding that is made. What
// is no mistake of a person's comes back as it is.
func (r *Reconciler) accessTrouble(run *respinv1alpha1.PatchRun, condition string, err error) (outcome, error) {
	if access.KindOf(err) == "" {
		return outcome{}, err
	}
	r.set(run, condition, metav1.ConditionUnknown, respinv1alpha1.ReasonNoAccess, err.Error())
	return outcome{after: plan.Backoff(r.waited(run, condition))}, nil
}
