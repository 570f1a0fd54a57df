// Package rollout is how patched images reach workloads: reading Deployments, StatefulSets, DaemonSets and CronJobs in one
// form, setting the image of their containers and nothing else, and judging whether they are healthy on it.
package rollout

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Workload is a Deployment, StatefulSet, DaemonSet or CronJob in the one form that the rest of Respin knows.
type Workload struct {
	Kind   respinv1alpha1.WorkloadKind
	Object client.Object
	// Selector selects its pods; nil for a CronJob, whose pods are its Jobs'.
	Selector *metav1.LabelSelector
	Template *corev1.PodTemplateSpec
	Progress Progress
	// Paused says that a Deployment does not follow its template until someone resumes it.
	Paused bool
	// Suspended says that a CronJob makes no Jobs.
	Suspended bool
	// Disrupts says that a new template takes pods away before others are there in their place.
	Disrupts bool
}

// Progress is what a workload's own status says of its latest template.
type Progress struct {
	// Observed is false while the status still speaks of an earlier template.
	Observed bool
	// Wanted is how many pods are to run the template: fewer than the replicas where a StatefulSet is partitioned.
	Wanted int32
	// Updated, Available and Old are how many pods run it, are available, and still run an earlier one.
	Updated, Available, Old int32
	// OnDelete says that pods are replaced only when someone deletes them.
	OnDelete bool
	// Failed is the workload's own verdict that it does not progress; empty while it has none.
	Failed string
}

// String is the workload as people write it: Kind/name.
func (w Workload) String() string {
	return Label(w.Kind, w.Object.GetName())
}

// Label is a workload as people write it: Kind/name.
func Label(kind respinv1alpha1.WorkloadKind, name string) string {
	return string(kind) + "/" + name
}

// Image is the image that the template gives to a container; ok is false where there is no such container.
func (w Workload) Image(container string, init bool) (image string, ok bool) {
	containers := w.Template.Spec.Containers
	if init {
		containers = w.Template.Spec.InitContainers
	}
	for i := range containers {
		if containers[i].Name == container {
			return containers[i].Image, true
		}
	}
	return "", false
}

func fromDeployment(d *appsv1.Deployment) Workload {
	return Workload{
		Kind:     respinv1alpha1.KindDeployment,
		Object:   d,
		Selector: d.Spec.Selector,
		Template: &d.Spec.Template,
		Progress: Progress{
			Observed:  d.Status.ObservedGeneration >= d.Generation,
			Wanted:    replicas(d.Spec.Replicas),
			Updated:   d.Status.UpdatedReplicas,
			Available: d.Status.AvailableReplicas,
			Old:       d.Status.Replicas - d.Status.UpdatedReplicas,
			Failed:    deadlineExceeded(d),
		},
		Paused:   d.Spec.Paused,
		Disrupts: disrupts(d),
	}
}

func fromStatefulSet(s *appsv1.StatefulSet) Workload {
	wanted := replicas(s.Spec.Replicas)
	strategy := s.Spec.UpdateStrategy
	kept := min(wanted, partition(strategy)) // pods that keep the earlier template
	updated := s.Status.UpdatedReplicas
	if s.Status.UpdateRevision == s.Status.CurrentRevision {
		updated = s.Status.Replicas
	}
	return Workload{
		Kind:     respinv1alpha1.KindStatefulSet,
		Object:   s,
		Selector: s.Spec.Selector,
		Template: &s.Spec.Template,
		Progress: Progress{
			Observed:  s.Status.ObservedGeneration >= s.Generation,
			Wanted:    wanted - kept,
			Updated:   updated,
			Available: max(0, s.Status.AvailableReplicas-kept), // who of the available is new is not told: the kept go first
			OnDelete:  strategy.Type == appsv1.OnDeleteStatefulSetStrategyType,
		},
		Disrupts: strategy.Type != appsv1.OnDeleteStatefulSetStrategyType,
	}
}

func partition(strategy appsv1.StatefulSetUpdateStrategy) int32 {
	if strategy.RollingUpdate == nil || strategy.RollingUpdate.Partition == nil {
		return 0
	}
	return *strategy.RollingUpdate.Partition
}

func fromDaemonSet(d *appsv1.DaemonSet) Workload {
	return Workload{
		Kind:     respinv1alpha1.KindDaemonSet,
		Object:   d,
		Selector: d.Spec.Selector,
		Template: &d.Spec.Template,
		Progress: Progress{
			Observed:  d.Status.ObservedGeneration >= d.Generation,
			Wanted:    d.Status.DesiredNumberScheduled,
			Updated:   d.Status.UpdatedNumberScheduled,
			Available: d.Status.NumberAvailable,
			OnDelete:  d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType,
		},
		Disrupts: d.Spec.UpdateStrategy.Type != appsv1.OnDeleteDaemonSetStrategyType && !surges(d.Spec.UpdateStrategy.RollingUpdate),
	}
}

func fromCronJob(c *batchv1.CronJob) Workload {
	return Workload{
		Kind:      respinv1alpha1.KindCronJob,
		Object:    c,
		Template:  &c.Spec.JobTemplate.Spec.Template,
		Progress:  Progress{Observed: true},
		Suspended: c.Spec.Suspend != nil && *c.Spec.Suspend,
	}
}

// replicas is a replica count with the API's default of one.
func replicas(count *int32) int32 {
	if count == nil {
		return 1
	}
	return *count
}

func deadlineExceeded(d *appsv1.Deployment) string {
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse {
			return c.Message
		}
	}
	return ""
}
