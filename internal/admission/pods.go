// Package admission answers the API server's questions about writes: which images a pod that is being created is to
// run, and who it was that approved a run. It answers from memory and from the question alone: it asks nobody.
package admission

import (
	"context"
	"encoding/json"
	"slices"

	"gomodules.xyz/jsonpatch/v2"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// PathPods and PathApprovals are where the webhooks are served, as config/webhook has it.
const (
	PathPods      = "/mutate-pods"
	PathApprovals = "/mutate-approvals"
)

// Patches knows what pods are to be patched with as they are created.
type Patches interface {
	// For tells which containers of a pod get another image, and the run that made it. It answers at once, from memory.
	// Without images the pod is left as it is. The pod has the namespace, and no name yet where its owner leaves that to
	// the API server.
	For(namespace string, pod *corev1.Pod) (run string, images []rollout.ContainerImage)
}

// Pods gives pods that are created the images that patches names, and lets everything else pass as it is. It refuses
// nothing, whatever goes wrong: a pod that starts unpatched is patched later, one that does not start is an outage.
func Pods(patches Patches) admission.Handler {
	return pods{patches: patches}
}

type pods struct{ patches Patches }

// Handle answers one question.
func (p pods) Handle(ctx context.Context, req admission.Request) (answer admission.Response) {
	outcome := outcomeUnchanged
	defer func() {
		if broken := recover(); broken != nil {
			log.FromContext(ctx).Info("a pod was left unpatched: looking for its patch panicked", "panic", broken)
			answer, outcome = unchanged(), outcomeFailed
		}
		admitted.WithLabelValues(outcome).Inc()
	}()
	if p.patches == nil || req.Operation != admissionv1.Create || req.SubResource != "" {
		return unchanged()
	}
	var pod corev1.Pod
	if err := json.Unmarshal(req.Object.Raw, &pod); err != nil {
		log.FromContext(ctx).Info("a pod was left unpatched: it could not be read", "error", err.Error())
		outcome = outcomeUndecodable
		return unchanged()
	}
	pod.Namespace = req.Namespace // which the pod itself need not say
	run, images := p.patches.For(req.Namespace, &pod)
	changes, fits := replaced(&pod, images)
	switch {
	case !fits:
		log.FromContext(ctx).Info("a pod was left unpatched: its patch is for other containers", "run", run)
		outcome = outcomeFailed
		return unchanged()
	case len(changes) == 0:
		return unchanged()
	}
	outcome = outcomePatched
	return admission.Patched("", append(changes, annotate(pod.Annotations, respinv1alpha1.AnnotationPatchedBy, run))...)
}

// replaced are the changes that give a pod's containers their images; none for those that have them. It is false where
// a container is not there: then the images are for another pod, and none of them is to be trusted.
func replaced(pod *corev1.Pod, images []rollout.ContainerImage) ([]jsonpatch.JsonPatchOperation, bool) {
	var changes []jsonpatch.JsonPatchOperation
	for _, image := range images {
		list, containers := "containers", pod.Spec.Containers
		if image.Init {
			list, containers = "initContainers", pod.Spec.InitContainers
		}
		at := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == image.Name })
		if at < 0 || image.Image == "" {
			return nil, false
		}
		if containers[at].Image != image.Image {
			changes = append(changes, set(image.Image, "spec", list, index(at), "image"))
		}
	}
	return changes, true
}

func unchanged() admission.Response { return admission.Allowed("") }
