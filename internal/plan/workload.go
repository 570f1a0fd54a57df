// Package plan holds the decisions: pure functions of gathered facts, a policy and a time. Nothing in it talks to a
// cluster or a registry, and nothing in it looks at a clock.
package plan

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// Workload is what was observed of one workload.
type Workload struct {
	Kind   respinv1alpha1.WorkloadKind
	Name   string
	UID    types.UID
	Labels labels.Set
	// Wave is which of the policy's waves it is in.
	Wave       int32
	Containers []Container
	// PullSecrets are the names of the Secrets that its images are pulled with.
	PullSecrets []string
}

// Container is a container of a workload's template, with what its pods run.
type Container struct {
	Name string
	Init bool
	// Image is the template's, to the letter.
	Image string
	// Running is what pods of this template run; empty when no pod has started.
	Running []Running
	// Given says that a run under way has given it its image: it counts also before a pod has started on it, or a policy
	// would say that all is current just then.
	Given bool
}

// Running is what one pod runs in a container.
type Running struct {
	// Pod is its name.
	Pod string
	// ImageID is the kubelet's word for it.
	ImageID string
	// Platform is that of the pod's node; its zero value where the node is not known.
	Platform image.Platform
	// Started is when the pod was created: of pods that disagree the youngest counts.
	Started time.Time
	// InPlace is the image that the pod has in place of the template's, where it was patched on restart; ImageID is then
	// of the template's.
	InPlace string
}

// AppImage is an image that workloads run, with all the places that run it.
type AppImage struct {
	Ref       image.Reference
	Platforms []image.Platform
	Targets   []respinv1alpha1.WorkloadTarget
	// InPlace are the images that pods have in place of this one.
	InPlace []string
	// Pods are those that run the image, or another in its place, by workload and name; true for those that run another in
	// every container.
	Pods map[string]bool
	// Problem says why the image that runs cannot be told; Ref then has no digest.
	Problem *Problem
}

// count is how many pods run the image, or another in its place, and how many of them run another.
func (a AppImage) count() (pods, patched int32) {
	for _, in := range a.Pods {
		if pods++; in {
			patched++
		}
	}
	return pods, patched
}

// PullSecrets are the names of the Secrets that the images of any of the workloads are pulled with, sorted.
func PullSecrets(workloads []Workload) []string {
	var names []string
	for _, w := range workloads {
		names = append(names, w.PullSecrets...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Group finds the images that workloads run, each once, in a stable order. A container that nothing runs yet is left
// out: it is looked at again when its pod has started.
func Group(workloads []Workload) []AppImage {
	found := map[image.Reference]*AppImage{}
	for _, w := range workloads {
		for _, c := range w.Containers {
			if app, ok := running(c); ok {
				merge(found, app, w, c)
			}
		}
	}
	apps := make([]AppImage, 0, len(found))
	for _, app := range found {
		apps = append(apps, *app)
	}
	slices.SortFunc(apps, func(a, b AppImage) int { return cmp.Compare(a.Ref.String(), b.Ref.String()) })
	return apps
}

func merge(found map[image.Reference]*AppImage, app AppImage, w Workload, c Container) {
	// Two tags of one digest are one image: the tag only names. Of those whose digest cannot be told, a repository's are
	// one too: the status has one entry for a repository and a digest.
	key := image.Reference{Repository: app.Ref.Repository, Digest: app.Ref.Digest}
	known, ok := found[key]
	if !ok {
		known = &app
		found[key] = known
	}
	for _, platform := range app.Platforms {
		if !slices.Contains(known.Platforms, platform) {
			known.Platforms = append(known.Platforms, platform)
		}
	}
	known.addPods(w, c)
	known.Targets = addTarget(known.Targets, w, c)
}

func (a *AppImage) addPods(w Workload, c Container) {
	if a.Pods == nil {
		a.Pods = map[string]bool{}
	}
	for _, r := range c.Running {
		pod := targetName(respinv1alpha1.WorkloadTarget{Kind: w.Kind, Name: w.Name}) + "/" + r.Pod
		before, known := a.Pods[pod]
		a.Pods[pod] = r.InPlace != "" && (before || !known)
		if r.InPlace != "" && !slices.Contains(a.InPlace, r.InPlace) {
			a.InPlace = append(a.InPlace, r.InPlace)
		}
	}
}

func addTarget(targets []respinv1alpha1.WorkloadTarget, w Workload, c Container) []respinv1alpha1.WorkloadTarget {
	container := respinv1alpha1.ContainerTarget{Name: c.Name, Init: c.Init, PreviousImage: c.Image}
	for i := range targets {
		if targets[i].UID == w.UID {
			targets[i].Containers = append(targets[i].Containers, container)
			return targets
		}
	}
	return append(targets, respinv1alpha1.WorkloadTarget{
		Kind: w.Kind, Name: w.Name, UID: w.UID, Wave: w.Wave, Containers: []respinv1alpha1.ContainerTarget{container},
	})
}

// running tells which image a container runs: by the digest in its template if there is one, else by what the kubelet
// of its youngest pod says.
func running(c Container) (AppImage, bool) {
	ref, err := image.ParseReference(c.Image)
	if err != nil {
		return AppImage{
			Ref:     image.Reference{Repository: Clip(c.Image, maxRepository)},
			Problem: &Problem{respinv1alpha1.ReasonInvalidReference, err.Error()},
		}, true
	}
	if len(c.Running) == 0 && (!c.Given || ref.Digest == "") {
		return AppImage{}, false
	}
	app := AppImage{Ref: ref, Platforms: platforms(c.Running)}
	if ref.Digest == "" {
		app.Ref.Digest, app.Problem = digestOf(c)
	}
	return app, true
}

func digestOf(c Container) (string, *Problem) {
	youngest := slices.MaxFunc(c.Running, func(a, b Running) int { return a.Started.Compare(b.Started) })
	id, ok := image.ParseImageID(youngest.ImageID)
	if !ok {
		return "", &Problem{respinv1alpha1.ReasonNoDigest, "the node does not tell the digest of " + c.Image +
			", as happens with images that were loaded into it by hand; push the image to a registry and let the node pull it"}
	}
	return id.Digest, nil
}

func platforms(all []Running) []image.Platform {
	var distinct []image.Platform
	for _, r := range all {
		if r.Platform != (image.Platform{}) && !slices.Contains(distinct, r.Platform) {
			distinct = append(distinct, r.Platform)
		}
	}
	return distinct
}
