package patchrun

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/rollout"
)

// statusOf is the status of a target, added as one that waits if the run has none of it yet: the API takes none without a
// state, also where the first look at a workload fails.
func statusOf(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) *respinv1alpha1.WorkloadStatus {
	for i := range run.Status.Workloads {
		if s := &run.Status.Workloads[i]; s.Kind == target.Kind && s.Name == target.Name {
			return s
		}
	}
	run.Status.Workloads = append(run.Status.Workloads, respinv1alpha1.WorkloadStatus{
		Kind: target.Kind, Name: target.Name, State: respinv1alpha1.WorkloadWaiting,
	})
	return &run.Status.Workloads[len(run.Status.Workloads)-1]
}

// maxWorkloadMessage is how many bytes of a workload's message the API takes.
const maxWorkloadMessage = 2048

// maxManagedBy is how many bytes of a manager's words the API takes.
const maxManagedBy = 512

func (r *Reconciler) mark(status *respinv1alpha1.WorkloadStatus, state respinv1alpha1.WorkloadState, reason, message string) {
	now := metav1.NewTime(r.Now())
	status.State, status.Since = state, &now
	status.Reason, status.Message = reason, plan.Clip(message, maxWorkloadMessage)
}

// skip leaves a workload alone for good.
func (r *Reconciler) skip(status *respinv1alpha1.WorkloadStatus, why string) {
	r.mark(status, respinv1alpha1.WorkloadSkipped, "", why)
}

// patched are the images that a target is to have.
func patched(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) []rollout.ContainerImage {
	images := previous(target)
	for i := range images {
		images[i].Image = run.Status.Output.Image
	}
	return images
}

// previous are the images that a target had before the run.
func previous(target respinv1alpha1.WorkloadTarget) []rollout.ContainerImage {
	images := make([]rollout.ContainerImage, 0, len(target.Containers))
	for _, c := range target.Containers {
		images = append(images, rollout.ContainerImage{Name: c.Name, Init: c.Init, Image: c.PreviousImage})
	}
	return images
}

// has tells whether a workload's template has exactly these images.
func has(w rollout.Workload, images []rollout.ContainerImage) bool {
	for _, image := range images {
		if found, ok := w.Image(image.Name, image.Init); !ok || found != image.Image {
			return false
		}
	}
	return true
}
