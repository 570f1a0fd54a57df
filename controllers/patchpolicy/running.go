package patchpolicy

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// describe puts a workload and its pods into the terms of package plan.
func describe(w rollout.Workload, pods []corev1.Pod, nodes map[string]image.Platform) plan.Workload {
	described := plan.Workload{
		Kind: w.Kind, Name: w.Object.GetName(), UID: w.Object.GetUID(), Labels: w.Object.GetLabels(),
		PullSecrets: rollout.PullSecrets(w, pods),
	}
	for i := range w.Template.Spec.InitContainers {
		described.Containers = append(described.Containers, container(&w.Template.Spec.InitContainers[i], true, pods, nodes))
	}
	for i := range w.Template.Spec.Containers {
		described.Containers = append(described.Containers, container(&w.Template.Spec.Containers[i], false, pods, nodes))
	}
	return described
}

func container(c *corev1.Container, init bool, pods []corev1.Pod, nodes map[string]image.Platform) plan.Container {
	described := plan.Container{Name: c.Name, Init: init, Image: c.Image}
	for i := range pods {
		if rollout.Ended(&pods[i]) {
			continue
		}
		if id := imageID(&pods[i], c, init); id != "" {
			described.Running = append(described.Running, plan.Running{
				ImageID:  id,
				Platform: nodes[pods[i].Spec.NodeName],
				Started:  pods[i].CreationTimestamp.Time,
			})
		}
	}
	return described
}

// imageID is what a pod runs in a container, empty unless the pod has the template's image in it: pods of an earlier
// template do not count.
func imageID(pod *corev1.Pod, template *corev1.Container, init bool) string {
	containers, statuses := pod.Spec.Containers, pod.Status.ContainerStatuses
	if init {
		containers, statuses = pod.Spec.InitContainers, pod.Status.InitContainerStatuses
	}
	for i := range containers {
		if containers[i].Name == template.Name && containers[i].Image != template.Image {
			return ""
		}
	}
	for i := range statuses {
		if statuses[i].Name == template.Name {
			return statuses[i].ImageID
		}
	}
	return ""
}
