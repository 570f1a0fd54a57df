package main

import (
	"context"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

// gatherer reads what is told. What a person may not read, beside our own kinds, is left out, and said once.
type gatherer struct {
	client.Reader
	flags  string
	denied []string // resources that may not be listed
}

// records reads our own kinds in a namespace; in all where it is empty.
func (g *gatherer) records(ctx context.Context, namespace string) (plugin.Facts, error) {
	var policies respinv1alpha1.PatchPolicyList
	if err := g.List(ctx, &policies, client.InNamespace(namespace)); err != nil {
		return plugin.Facts{}, fmt.Errorf("listing policies: %w", err)
	}
	var runs respinv1alpha1.PatchRunList
	if err := g.List(ctx, &runs, client.InNamespace(namespace)); err != nil {
		return plugin.Facts{}, fmt.Errorf("listing runs: %w", err)
	}
	return plugin.Facts{Policies: policies.Items, Runs: runs.Items, Flags: g.flags}, nil
}

// records connects, and reads our own kinds in the namespace to work in.
func (c *cluster) records(ctx context.Context) (live client.Client, namespace string, facts plugin.Facts, err error) {
	if live, namespace, err = c.connect(); err != nil {
		return nil, "", plugin.Facts{}, err
	}
	if facts, err = (&gatherer{Reader: live}).records(ctx, namespace); err != nil {
		return nil, "", plugin.Facts{}, explained(err)
	}
	return live, namespace, facts, nil
}

// all reads workloads and pods, too.
func (g *gatherer) all(ctx context.Context, namespace string) (plugin.Facts, error) {
	facts, err := g.records(ctx, namespace)
	if err != nil {
		return facts, err
	}
	namespaces := []string{namespace}
	if namespace == "" {
		namespaces = ofPolicies(facts.Policies)
	}
	for _, namespace := range namespaces {
		workloads, err := g.workloads(ctx, namespace)
		if err != nil {
			return facts, err
		}
		facts.Workloads = append(facts.Workloads, workloads...)
	}
	return facts, nil
}

func ofPolicies(policies []respinv1alpha1.PatchPolicy) []string {
	var namespaces []string
	for i := range policies {
		namespaces = append(namespaces, policies[i].Namespace)
	}
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

// list reads a list, unless it may not be read; ok tells whether it was.
func (g *gatherer) list(ctx context.Context, into client.ObjectList, resource, namespace string) (ok bool, err error) {
	if slices.Contains(g.denied, resource) {
		return false, nil
	}
	err = g.List(ctx, into, client.InNamespace(namespace))
	if apierrors.IsForbidden(err) {
		g.denied = append(g.denied, resource)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("listing %s in %s: %w", resource, namespace, err)
	}
	return true, nil
}

// workloads reads a namespace's workloads, and puts its pods to them.
func (g *gatherer) workloads(ctx context.Context, namespace string) ([]plugin.Workload, error) {
	var running corev1.PodList
	podsRead, err := g.list(ctx, &running, pods, namespace)
	if err != nil {
		return nil, err
	}
	found, err := g.selecting(ctx, namespace)
	if err != nil {
		return nil, err
	}
	crons, err := g.scheduled(ctx, namespace)
	if err != nil {
		return nil, err
	}
	var workloads []plugin.Workload
	for _, w := range append(found, crons...) {
		w.Namespace, w.PodsRead = namespace, podsRead
		for i := range running.Items {
			if w.owns(&running.Items[i]) {
				w.Pods = append(w.Pods, running.Items[i])
			}
		}
		workloads = append(workloads, w.Workload)
	}
	return workloads, nil
}

// owner is a workload that knows its pods.
type owner struct {
	plugin.Workload
	owns func(*corev1.Pod) bool
}

func ownerOf(kind respinv1alpha1.WorkloadKind, object client.Object, template corev1.PodTemplateSpec, owns func(*corev1.Pod) bool) owner {
	return owner{plugin.Workload{Kind: kind, Name: object.GetName(), Labels: object.GetLabels(), Template: template.Spec}, owns}
}

// bySelector takes the pods that a workload's selector matches. One that cannot be read matches none.
func bySelector(spec *metav1.LabelSelector) func(*corev1.Pod) bool {
	selector, err := metav1.LabelSelectorAsSelector(spec)
	if err != nil {
		selector = labels.Nothing()
	}
	return func(pod *corev1.Pod) bool { return selector.Matches(labels.Set(pod.Labels)) }
}

// byJob takes the pods of a CronJob's Jobs.
func byJob(cron *batchv1.CronJob, jobs []batchv1.Job) func(*corev1.Pod) bool {
	names := map[string]bool{}
	for i := range jobs {
		names[jobs[i].Name] = metav1.IsControlledBy(&jobs[i], cron)
	}
	return func(pod *corev1.Pod) bool {
		by := metav1.GetControllerOf(pod)
		return by != nil && by.Kind == "Job" && names[by.Name]
	}
}
