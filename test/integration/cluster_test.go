//go:build integration

package integration

import (
	"maps"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// kubelet is what a test's nodes do with pods of an image: what their container's status is.
type kubelet func(image string) (state corev1.ContainerState, ready bool)

func healthy(string) (corev1.ContainerState, bool) {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, true
}

// patchedOnes does something else with patched images than with others, which are healthy.
func patchedOnes(waiting corev1.ContainerStateWaiting) kubelet {
	return func(image string) (corev1.ContainerState, bool) {
		if strings.Contains(image, "respin-") {
			return corev1.ContainerState{Waiting: &waiting}, false
		}
		return healthy(image)
	}
}

var (
	// crashing has every patched image crash, and waits never gets one ready.
	crashing = patchedOnes(corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off"})
	waits    = patchedOnes(corev1.ContainerStateWaiting{Reason: "ContainerCreating"})
)

// play plays the deployment controller and the kubelet, for every deployment, to the end; then the others act.
func (s *scenario) play() {
	s.t.Helper()
	for _, d := range s.allDeployments() {
		if d.Status.ObservedGeneration == d.Generation || d.Spec.Paused {
			continue
		}
		ready := s.replacePods(&d)
		d.Status.ObservedGeneration, d.Status.Replicas, d.Status.UpdatedReplicas = d.Generation, *d.Spec.Replicas, *d.Spec.Replicas
		d.Status.AvailableReplicas, d.Status.ReadyReplicas = ready, ready
		if err := live.Status().Update(s.t.Context(), &d); !apierrors.IsConflict(err) { // else it is looked at once more
			s.must(err)
		}
	}
	for _, act := range s.others {
		act()
	}
}

// slot is the label of a pod that tells it from the deployment's others.
const slot = "slot"

// replacePods has pods of the deployment's template run, and returns how many are ready.
func (s *scenario) replacePods(d *appsv1.Deployment) (ready int32) {
	s.t.Helper()
	s.must(live.DeleteAllOf(s.t.Context(), &corev1.Pod{}, client.InNamespace(s.ns), client.MatchingLabels{"app": d.Name}, client.GracePeriodSeconds(0)))
	for i := range *d.Spec.Replicas {
		pod := podOf(d, &d.Spec.Template, metav1.OwnerReference{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: d.Name + "-5f6d", UID: d.UID})
		pod.Labels[slot] = strconv.Itoa(int(i))
		if s.start(pod) {
			ready++
		}
	}
	return ready
}

// podOf is a pod that the owner made for a workload.
func podOf(workload client.Object, template *corev1.PodTemplateSpec, owner metav1.OwnerReference) *corev1.Pod {
	owner.Controller = new(true)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: workload.GetNamespace(), GenerateName: workload.GetName() + "-", Labels: map[string]string{},
			OwnerReferences: []metav1.OwnerReference{owner},
		},
		Spec: *template.Spec.DeepCopy(),
	}
	maps.Copy(pod.Labels, template.Labels)
	return pod
}

// start creates a pod and has the kubelet start its containers; it tells whether they are ready.
func (s *scenario) start(pod *corev1.Pod) (ready bool) {
	s.t.Helper()
	s.must(live.Create(s.t.Context(), pod))
	return s.restart(pod)
}

// restart has the kubelet start a pod's containers that do not run the image that they are to have.
func (s *scenario) restart(pod *corev1.Pod) (ready bool) {
	s.t.Helper()
	before, statuses := pod.Status.ContainerStatuses, []corev1.ContainerStatus(nil)
	ready = true
	for i, c := range pod.Spec.Containers {
		state, ok := s.kubelet(c.Image)
		if state.Running != nil && state.Running.StartedAt.IsZero() {
			state.Running.StartedAt = metav1.NewTime(s.clock.now())
		}
		status := corev1.ContainerStatus{Name: c.Name, Image: c.Image, ImageID: s.imageID(c.Image), Ready: ok, State: state}
		if i < len(before) {
			status.RestartCount, status.LastTerminationState = before[i].RestartCount+1, before[i].State
			if before[i].State.Terminated == nil {
				status.LastTerminationState = before[i].LastTerminationState
			}
		}
		statuses, ready = append(statuses, status), ready && ok
	}
	pod.Status.ContainerStatuses = statuses
	pod.Status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodReady, Status: truth(ready), LastTransitionTime: metav1.NewTime(s.clock.now()),
	}}
	s.must(live.Status().Update(s.t.Context(), pod))
	return ready
}

func truth(is bool) corev1.ConditionStatus {
	if is {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}

// replacedInPlace has the kubelet start the containers anew of pods whose image was replaced.
func (s *scenario) replacedInPlace() {
	s.t.Helper()
	for _, pod := range s.pods("") {
		for i, c := range pod.Spec.Containers {
			if i < len(pod.Status.ContainerStatuses) && pod.Status.ContainerStatuses[i].Image != c.Image {
				s.restart(&pod)
				break
			}
		}
	}
}

// imageID is the kubelet's word for what a reference stands for.
func (s *scenario) imageID(reference string) string {
	if strings.Contains(reference, "@") || !strings.HasPrefix(reference, s.shelf.host) {
		return reference
	}
	head, err := remote.Head(parse(s.t, reference))
	s.must(err)
	return parse(s.t, reference).Context().String() + "@" + head.Digest.String()
}

// pods are those of an app, or of all.
func (s *scenario) pods(app string) []corev1.Pod {
	s.t.Helper()
	options := []client.ListOption{client.InNamespace(s.ns)}
	if app != "" {
		options = append(options, client.MatchingLabels{"app": app})
	}
	var pods corev1.PodList
	s.must(s.cluster.List(s.t.Context(), &pods, options...))
	return pods.Items
}
