// Package restart is how pods come back patched without their workload's template being changed: an index of what is
// replaced by what, which containers of a pod are to be replaced in place, the one write that does so, and a judgement
// of how pods fare on the patched image.
package restart

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Entry says, of one container of one workload, which images are replaced and by which, for which run.
type Entry struct {
	// Run is the name of the run that patched the image.
	Run string
	// Workload is whose pods are meant, and Selector what it selects them by.
	Workload Owner
	Selector labels.Selector
	// Container is the container's name, and Init says that it is an init container.
	Container string
	Init      bool
	// From are the images that are replaced, to the letter: that of the template, and what earlier runs put in its place.
	From sets.Set[string]
	// To is the patched image.
	To string
}

// of tells whether the entry is about a pod's container.
func (e *Entry) of(pod *corev1.Pod, c containerAt) bool {
	return c.init == e.Init && c.Name == e.Container && e.From.Has(c.Image) &&
		e.Workload.Owns(pod) && e.Selector.Matches(labels.Set(pod.Labels))
}

// containerAt is a container of a pod with its place in the spec.
type containerAt struct {
	*corev1.Container
	init bool
	at   int
}

// containers are a pod's, init containers first.
func containers(pod *corev1.Pod) []containerAt {
	all := make([]containerAt, 0, len(pod.Spec.InitContainers)+len(pod.Spec.Containers))
	for i := range pod.Spec.InitContainers {
		all = append(all, containerAt{&pod.Spec.InitContainers[i], true, i})
	}
	for i := range pod.Spec.Containers {
		all = append(all, containerAt{&pod.Spec.Containers[i], false, i})
	}
	return all
}

// Owner is a workload as its pods' owner.
type Owner struct {
	Kind respinv1alpha1.WorkloadKind
	Name string
	UID  types.UID
}

// Owns tells whether a pod was made by the workload's controller, as far as the pod itself tells: what a pod's labels
// say is not enough, since workloads' selectors may overlap, and pods that no controller made are no one's.
func (o Owner) Owns(pod *corev1.Pod) bool {
	by := metav1.GetControllerOfNoCopy(pod)
	if by == nil {
		return false
	}
	switch o.Kind {
	case respinv1alpha1.KindDeployment:
		hash := pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
		return by.Kind == "ReplicaSet" && ofApps(by) && (hash == "" || joined(by.Name, o.Name, hash))
	case respinv1alpha1.KindCronJob:
		at, ok := strings.CutPrefix(by.Name, o.Name+"-")
		return by.Kind == "Job" && by.APIVersion == batchv1.SchemeGroupVersion.String() && ok && strings.Trim(at, "0123456789") == ""
	}
	return by.Kind == string(o.Kind) && ofApps(by) && by.UID == o.UID
}

// joined tells whether a name is two others with a hyphen between them.
func joined(name, first, second string) bool {
	rest, ok := strings.CutPrefix(name, first)
	return ok && len(rest) == len(second)+1 && rest[0] == '-' && rest[1:] == second
}

func ofApps(by *metav1.OwnerReference) bool {
	return strings.HasPrefix(by.APIVersion, appsv1.GroupName+"/")
}
