package rollout

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// List returns the workloads of the given kinds in a namespace whose own labels the selector matches.
func List(ctx context.Context, reader client.Reader, namespace string, kinds []respinv1alpha1.WorkloadKind,
	selector labels.Selector) ([]Workload, error) {
	var workloads []Workload
	for _, kind := range kinds {
		found, err := listKind(ctx, reader, kind, client.InNamespace(namespace),
			client.MatchingLabelsSelector{Selector: selector})
		if err != nil {
			return nil, fmt.Errorf("listing %ss in %s: %w", kind, namespace, err)
		}
		workloads = append(workloads, found...)
	}
	return workloads, nil
}

func listKind(ctx context.Context, reader client.Reader, kind respinv1alpha1.WorkloadKind,
	opts ...client.ListOption) ([]Workload, error) {
	switch kind {
	case respinv1alpha1.KindDeployment:
		var list appsv1.DeploymentList
		err := reader.List(ctx, &list, opts...)
		return each(list.Items, fromDeployment), err
	case respinv1alpha1.KindStatefulSet:
		var list appsv1.StatefulSetList
		err := reader.List(ctx, &list, opts...)
		return each(list.Items, fromStatefulSet), err
	case respinv1alpha1.KindDaemonSet:
		var list appsv1.DaemonSetList
		err := reader.List(ctx, &list, opts...)
		return each(list.Items, fromDaemonSet), err
	case respinv1alpha1.KindCronJob:
		var list batchv1.CronJobList
		err := reader.List(ctx, &list, opts...)
		return each(list.Items, fromCronJob), err
	}
	return nil, unknownKind(kind)
}

func each[T any](items []T, convert func(*T) Workload) []Workload {
	workloads := make([]Workload, 0, len(items))
	for i := range items {
		workloads = append(workloads, convert(&items[i]))
	}
	return workloads
}

// Get returns one workload. Its error is the reader's, so that apierrors.IsNotFound tells of one that is gone.
func Get(ctx context.Context, reader client.Reader, kind respinv1alpha1.WorkloadKind, key client.ObjectKey) (Workload, error) {
	switch kind {
	case respinv1alpha1.KindDeployment:
		var d appsv1.Deployment
		err := reader.Get(ctx, key, &d)
		return fromDeployment(&d), err
	case respinv1alpha1.KindStatefulSet:
		var s appsv1.StatefulSet
		err := reader.Get(ctx, key, &s)
		return fromStatefulSet(&s), err
	case respinv1alpha1.KindDaemonSet:
		var d appsv1.DaemonSet
		err := reader.Get(ctx, key, &d)
		return fromDaemonSet(&d), err
	case respinv1alpha1.KindCronJob:
		var c batchv1.CronJob
		err := reader.Get(ctx, key, &c)
		return fromCronJob(&c), err
	}
	return Workload{}, unknownKind(kind)
}

// Pods returns the pods that a workload's selector matches, or those of a CronJob's Jobs.
func Pods(ctx context.Context, reader client.Reader, w Workload) ([]corev1.Pod, error) {
	if w.Kind == respinv1alpha1.KindCronJob {
		return podsOfJobs(ctx, reader, w)
	}
	selector, err := metav1.LabelSelectorAsSelector(w.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading the pod selector of %s: %w", w, err)
	}
	return listPods(ctx, reader, w, client.MatchingLabelsSelector{Selector: selector})
}

func podsOfJobs(ctx context.Context, reader client.Reader, w Workload) ([]corev1.Pod, error) {
	jobs, err := Jobs(ctx, reader, w)
	if err != nil {
		return nil, err
	}
	var pods []corev1.Pod
	for i := range jobs {
		own, err := listPods(ctx, reader, w, client.MatchingLabels{batchv1.ControllerUidLabel: string(jobs[i].UID)})
		if err != nil {
			return nil, err
		}
		pods = append(pods, own...)
	}
	return pods, nil
}

func listPods(ctx context.Context, reader client.Reader, w Workload, which client.ListOption) ([]corev1.Pod, error) {
	var pods corev1.PodList
	if err := reader.List(ctx, &pods, client.InNamespace(w.Object.GetNamespace()), which); err != nil {
		return nil, fmt.Errorf("listing the pods of %s: %w", w, err)
	}
	return pods.Items, nil
}

func unknownKind(kind respinv1alpha1.WorkloadKind) error {
	return fmt.Errorf("workloads of kind %q are not known here", kind)
}
