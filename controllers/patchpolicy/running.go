package patchpolicy

import (
	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// surroundings are what a workload is described with.
type surroundings struct {
	nodes map[string]image.Platform
	waves plan.Waves
	// runs are the policy's: they tell what pods have in the place of their template's image.
	runs []respinv1alpha1.PatchRun
}

// describe puts a workload and its pods into the terms of package plan.
func describe(w rollout.Workload, pods []corev1.Pod, around surroundings) plan.Workload {
	described := plan.Workload{
		Kind: w.Kind, Name: w.Object.GetName(), UID: w.Object.GetUID(), Labels: w.Object.GetLabels(),
		Wave: around.waves.Of(w.Object.GetLabels()), PullSecrets: rollout.PullSecrets(w, pods),
	}
	for i := range w.Template.Spec.InitContainers {
		described.Containers = append(described.Containers, around.container(w, &w.Template.Spec.InitContainers[i], true, pods))
	}
	for i := range w.Template.Spec.Containers {
		described.Containers = append(described.Containers, around.container(w, &w.Template.Spec.Containers[i], false, pods))
	}
	return described
}

// container describes a container by what runs in it. Of a CronJob's pods most have ended, and they tell what its Jobs
// run.
func (s surroundings) container(w rollout.Workload, c *corev1.Container, init bool, pods []corev1.Pod) plan.Container {
	described := plan.Container{Name: c.Name, Init: init, Image: c.Image, Given: plan.GivenByRun(s.runs, c.Image)}
	for i := range pods {
		if rollout.Ended(&pods[i]) && w.Kind != respinv1alpha1.KindCronJob {
			continue
		}
		id, inPlace := s.imageID(w, &pods[i], c, init)
		if id == "" {
			continue
		}
		described.Running = append(described.Running, plan.Running{
			Pod: pods[i].Name, ImageID: id, InPlace: inPlace,
			Platform: s.nodes[pods[i].Spec.NodeName], Started: pods[i].CreationTimestamp.Time,
		})
	}
	return described
}

// imageID is what a pod runs in a container, empty unless the pod has the template's image in it, or what was put in the
// place of that: pods of an earlier template do not count. With something in its place, it is what the template's image
// was when it was patched.
func (s surroundings) imageID(w rollout.Workload, pod *corev1.Pod, template *corev1.Container, init bool) (id, inPlace string) {
	containers, statuses := pod.Spec.Containers, pod.Status.ContainerStatuses
	if init {
		containers, statuses = pod.Spec.InitContainers, pod.Status.InitContainerStatuses
	}
	for i := range containers {
		if containers[i].Name == template.Name && containers[i].Image != template.Image {
			return plan.Replaced(s.runs, w.Object.GetUID(), respinv1alpha1.ContainerTarget{
				Name: template.Name, Init: init, PreviousImage: template.Image,
			}, containers[i].Image)
		}
	}
	for i := range statuses {
		if statuses[i].Name == template.Name {
			return statuses[i].ImageID, ""
		}
	}
	return "", ""
}
