package patchpolicy

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// imagesChanged lets through the pods that run something else than before, and those that begin or end.
func imagesChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*corev1.Pod)
		after, okAfter := e.ObjectNew.(*corev1.Pod)
		return ok && okAfter && (!slices.Equal(imageIDs(before), imageIDs(after)) || !slices.Equal(imagesOf(before), imagesOf(after)))
	}}
}

// imagesOf are what a pod's containers are to run: one that is replaced in place changes it.
func imagesOf(pod *corev1.Pod) []string {
	var images []string
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			images = append(images, containers[i].Image)
		}
	}
	return images
}

func imageIDs(pod *corev1.Pod) []string {
	var ids []string
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range statuses {
			ids = append(ids, statuses[i].ImageID)
		}
	}
	return ids
}
