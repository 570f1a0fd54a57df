package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// The resources that are read beside our own.
const (
	pods         = "pods"
	deployments  = "deployments"
	statefulSets = "statefulsets"
	daemonSets   = "daemonsets"
	cronJobs     = "cronjobs"
	jobs         = "jobs"
)

// watched are the resources of which a change is told, beside our own kinds.
var watched = map[string]client.Object{
	pods: &corev1.Pod{}, deployments: &appsv1.Deployment{}, statefulSets: &appsv1.StatefulSet{}, daemonSets: &appsv1.DaemonSet{},
	cronJobs: &batchv1.CronJob{}, jobs: &batchv1.Job{},
}

// selecting reads the workloads that own their pods by a selector.
func (g *gatherer) selecting(ctx context.Context, namespace string) ([]owner, error) {
	var found []owner
	var ds appsv1.DeploymentList
	if _, err := g.list(ctx, &ds, deployments, namespace); err != nil {
		return nil, err
	}
	for i := range ds.Items {
		d := &ds.Items[i]
		found = append(found, ownerOf(respinv1alpha1.KindDeployment, d, d.Spec.Template, bySelector(d.Spec.Selector)))
	}
	var sets appsv1.StatefulSetList
	if _, err := g.list(ctx, &sets, statefulSets, namespace); err != nil {
		return nil, err
	}
	for i := range sets.Items {
		s := &sets.Items[i]
		found = append(found, ownerOf(respinv1alpha1.KindStatefulSet, s, s.Spec.Template, bySelector(s.Spec.Selector)))
	}
	var daemons appsv1.DaemonSetList
	if _, err := g.list(ctx, &daemons, daemonSets, namespace); err != nil {
		return nil, err
	}
	for i := range daemons.Items {
		d := &daemons.Items[i]
		found = append(found, ownerOf(respinv1alpha1.KindDaemonSet, d, d.Spec.Template, bySelector(d.Spec.Selector)))
	}
	return found, nil
}

// scheduled reads the CronJobs.
func (g *gatherer) scheduled(ctx context.Context, namespace string) ([]owner, error) {
	var crons batchv1.CronJobList
	if _, err := g.list(ctx, &crons, cronJobs, namespace); err != nil || len(crons.Items) == 0 {
		return nil, err
	}
	var made batchv1.JobList
	if _, err := g.list(ctx, &made, jobs, namespace); err != nil {
		return nil, err
	}
	var found []owner
	for i := range crons.Items {
		cron := &crons.Items[i]
		found = append(found, ownerOf(respinv1alpha1.KindCronJob, cron, cron.Spec.JobTemplate.Spec.Template, byJob(cron, made.Items)))
	}
	return found, nil
}
