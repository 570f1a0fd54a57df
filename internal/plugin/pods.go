package plugin

import (
	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// PodCount is how many pods of a workload run an image, or its patched one in its place.
type PodCount struct {
	// Pods is how many there are.
	Pods int32 `json:"pods"`
	// Patched is how many run the patched image: the one that stands on the base's current digest.
	Patched int32 `json:"patched"`
}

// fresh is the digest of the image that an app image's pods are to run: the patched one's, or its own where it is
// current; empty where neither is known.
func fresh(app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) string {
	if ref, err := image.ParseReference(app.Patched); err == nil && ref.Digest != "" {
		return ref.Digest
	}
	switch {
	case app.State == respinv1alpha1.ImageCurrent:
		return app.Digest
	case run != nil && run.Status.Output != nil:
		return run.Status.Output.Digest
	}
	return ""
}

// countPods counts from the pods themselves where they were read, else from what the statuses say; nil where nothing
// does, or where it cannot be said what would be patched.
func countPods(w *Workload, app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun, name string) *PodCount {
	if app.State == respinv1alpha1.ImageUnknown {
		return nil
	}
	if w != nil && w.PodsRead {
		return w.count(app, run, fresh(app, run))
	}
	if progress := progressOf(run, name); progress != nil && progress.Pods > 0 {
		return &PodCount{Pods: progress.Pods, Patched: progress.PatchedPods}
	}
	if len(app.Workloads) == 1 && app.Pods > 0 {
		return &PodCount{Pods: app.Pods, Patched: app.PatchedPods}
	}
	return nil
}

func (w *Workload) count(app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun, digest string) *PodCount {
	counted, containers := &PodCount{}, w.containersOn(app, run)
	for i := range w.Pods {
		pod := &w.Pods[i]
		if ended(pod) || !has(pod, containers) {
			continue
		}
		counted.Pods++
		if digest != "" && runsAll(pod, containers, digest, app.Digest) {
			counted.Patched++
		}
	}
	return counted
}

// ended tells whether a pod runs no more, or is on its way out.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || !pod.DeletionTimestamp.IsZero()
}

// place is a container of a workload.
type place struct {
	name string
	init bool
}

// containersOn are the containers of a workload that run an image: those that its run is for, else those of the template.
// Init containers count where no others run the image, since they stay as they have run.
func (w *Workload) containersOn(app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) []place {
	if run != nil {
		if t := target(run, w.Label()); t != nil {
			return placesOf(t.Containers)
		}
	}
	for _, fits := range []func(image.Reference) bool{
		func(ref image.Reference) bool { return names(ref, app) },
		func(ref image.Reference) bool { return ref.Repository == app.Repository },
	} {
		for _, init := range []bool{false, true} {
			if found := placesIn(w.Template, init, fits); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

func placesOf(targets []respinv1alpha1.ContainerTarget) []place {
	var long, init []place
	for _, c := range targets {
		if c.Init {
			init = append(init, place{c.Name, true})
			continue
		}
		long = append(long, place{c.Name, false})
	}
	if len(long) > 0 {
		return long
	}
	return init
}

func placesIn(spec corev1.PodSpec, init bool, fits func(image.Reference) bool) []place {
	var found []place
	for _, c := range containersOf(spec, init) {
		if ref, err := image.ParseReference(c.Image); err == nil && fits(ref) {
			found = append(found, place{c.Name, init})
		}
	}
	return found
}

// names tells whether a reference in a template means an image of a status.
func names(ref image.Reference, app respinv1alpha1.ImageStatus) bool {
	if ref.Repository != app.Repository {
		return false
	}
	if ref.Digest != "" {
		return ref.Digest == app.Digest
	}
	return app.Tag == "" || ref.Tag == app.Tag
}

func containersOf(spec corev1.PodSpec, init bool) []corev1.Container {
	if init {
		return spec.InitContainers
	}
	return spec.Containers
}

func has(pod *corev1.Pod, places []place) bool {
	for _, p := range places {
		for _, c := range containersOf(pod.Spec, p.init) {
			if c.Name == p.name {
				return true
			}
		}
	}
	return false
}

func runsAll(pod *corev1.Pod, places []place, digest, old string) bool {
	for _, p := range places {
		if !runs(pod, p, digest, old) {
			return false
		}
	}
	return true
}

// runs tells whether a container runs the image of that digest, as the node says. A container whose image was replaced
// in place runs the old one until it ends, and a node may report an index by its platform's manifest: where what it
// reports is neither digest, what the pod asks for counts.
func runs(pod *corev1.Pod, p place, digest, old string) bool {
	reported := reportedImage(pod, p)
	if reported == "" {
		return false
	}
	ref, known := image.ParseImageID(reported)
	if known && ref.Digest == digest {
		return true
	}
	return asked(pod, p) == digest && (!known || ref.Digest != old)
}

func reportedImage(pod *corev1.Pod, p place) string {
	statuses := pod.Status.ContainerStatuses
	if p.init {
		statuses = pod.Status.InitContainerStatuses
	}
	for i := range statuses {
		if statuses[i].Name == p.name {
			return statuses[i].ImageID
		}
	}
	return ""
}

// asked is the digest in the pod's own spec, empty if it names none.
func asked(pod *corev1.Pod, p place) string {
	for _, c := range containersOf(pod.Spec, p.init) {
		if ref, err := image.ParseReference(c.Image); c.Name == p.name && err == nil {
			return ref.Digest
		}
	}
	return ""
}
