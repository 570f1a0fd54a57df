package patchpolicy

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// observed is what the cluster says.
type observed struct {
	rules    []plan.Rule
	mistakes []plan.Problem
	apps     []plan.AppImage
	claims   []plan.Claim
	runs     []respinv1alpha1.PatchRun
	// exists are the workloads that the policy keeps, by UID.
	exists map[types.UID]bool
	// candidates are the bases that the namespace's policies name, by digest.
	candidates []image.Reference
	// pullSecrets are what the workloads' images are pulled with, by name.
	pullSecrets []string
}

// observe reads the cluster from the cache. Runs are read before workloads: a run that has ended has changed its
// workloads before, so that what it did is never taken for what someone undid.
func (r *Reconciler) observe(ctx context.Context, policy *respinv1alpha1.PatchPolicy) (observed, error) {
	seen := observed{rules: plan.Rules(policy.Spec)}
	for _, rule := range seen.rules {
		if rule.Problem != nil {
			seen.mistakes = append(seen.mistakes, *rule.Problem)
		}
	}
	var err error
	if seen.runs, err = r.runs(ctx, policy); err != nil {
		return observed{}, err
	}
	waves, problem := plan.ParseWaves(policy.Spec.Rollout.Waves)
	if problem != nil {
		seen.mistakes = append(seen.mistakes, *problem)
	}
	if _, problem := plan.ParseWindows(policy.Spec.Rollout.Windows); problem != nil {
		seen.mistakes = append(seen.mistakes, *problem)
	}
	workloads, problem, err := r.workloads(ctx, policy, surroundings{waves: waves, runs: seen.runs})
	if err != nil {
		return observed{}, err
	}
	if problem != nil {
		seen.mistakes = append(seen.mistakes, *problem)
	}
	var policies respinv1alpha1.PatchPolicyList
	if err := r.List(ctx, &policies, client.InNamespace(policy.Namespace)); err != nil {
		return observed{}, fmt.Errorf("listing policies in %s: %w", policy.Namespace, err)
	}
	workloads, seen.claims = plan.Unclaimed(policy, policies.Items, workloads)
	seen.exists = map[types.UID]bool{}
	for _, w := range workloads {
		seen.exists[w.UID] = true
	}
	seen.candidates = candidates(policies.Items, seen.runs)
	seen.pullSecrets = plan.PullSecrets(workloads)
	seen.apps = matched(seen.rules, plan.Group(workloads))
	return seen, nil
}

// matched are the images that a rule fits.
func matched(rules []plan.Rule, apps []plan.AppImage) []plan.AppImage {
	return slices.DeleteFunc(apps, func(app plan.AppImage) bool {
		return plan.RuleFor(rules, app.Ref.Repository) == nil
	})
}

// runs are the policy's own, by UID: those of an earlier policy of the same name are being collected.
func (r *Reconciler) runs(ctx context.Context, policy *respinv1alpha1.PatchPolicy) ([]respinv1alpha1.PatchRun, error) {
	var list respinv1alpha1.PatchRunList
	if err := r.List(ctx, &list, client.InNamespace(policy.Namespace)); err != nil {
		return nil, fmt.Errorf("listing runs in %s: %w", policy.Namespace, err)
	}
	return slices.DeleteFunc(list.Items, func(run respinv1alpha1.PatchRun) bool {
		return run.Spec.Policy.UID != policy.UID
	}), nil
}

// workloads are those that the policy selects, with what their pods run.
func (r *Reconciler) workloads(ctx context.Context, policy *respinv1alpha1.PatchPolicy, around surroundings) ([]plan.Workload, *plan.Problem, error) {
	selector, problem := plan.Selector(policy)
	if problem != nil {
		return nil, problem, nil
	}
	found, err := rollout.List(ctx, r.Client, policy.Namespace, plan.Kinds(policy), selector)
	if err != nil {
		return nil, nil, err
	}
	if around.nodes, err = r.platforms(ctx); err != nil {
		return nil, nil, err
	}
	workloads := make([]plan.Workload, 0, len(found))
	for _, w := range found {
		if !w.Object.GetDeletionTimestamp().IsZero() {
			continue
		}
		pods, err := rollout.Pods(ctx, r.Client, w)
		if err != nil {
			return nil, nil, err
		}
		workloads = append(workloads, describe(w, pods, around))
	}
	slices.SortFunc(workloads, func(a, b plan.Workload) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return workloads, nil, nil
}

// platforms are the nodes' by their names, from the labels that every kubelet sets.
func (r *Reconciler) platforms(ctx context.Context) (map[string]image.Platform, error) {
	nodes := metav1.PartialObjectMetadataList{}
	nodes.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NodeList"))
	if err := r.List(ctx, &nodes); err != nil {
		return nil, fmt.Errorf("listing nodes: %w", err)
	}
	platforms := make(map[string]image.Platform, len(nodes.Items))
	for _, node := range nodes.Items {
		platforms[node.Name] = image.Platform{
			OS: node.Labels[corev1.LabelOSStable], Architecture: node.Labels[corev1.LabelArchStable],
		}
	}
	return platforms, nil
}
