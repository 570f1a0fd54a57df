package admission

import (
	"reflect"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/respin-dev/respin/internal/rollout"
)

// patchesFunc are Patches that a function knows.
type patchesFunc func(namespace string, pod *corev1.Pod) (string, []rollout.ContainerImage)

func (f patchesFunc) For(namespace string, pod *corev1.Pod) (string, []rollout.ContainerImage) {
	return f(namespace, pod)
}

func give(images ...rollout.ContainerImage) Patches {
	return patchesFunc(func(string, *corev1.Pod) (string, []rollout.ContainerImage) { return "api-1", images })
}

func aPod(annotations map[string]string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "api-", Annotations: annotations},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "migrate", Image: "api:1"}},
			Containers:     []corev1.Container{{Name: "proxy", Image: "proxy:1"}, {Name: "app", Image: "api:1"}},
		},
	}
}

func TestWhatBecomesOfAPod(t *testing.T) {
	app, migrate := rollout.ContainerImage{Name: "app", Image: "api:2"}, rollout.ContainerImage{Name: "migrate", Init: true, Image: "api:2"}
	by := map[string]string{"respin.dev/patched-by": "api-1"}
	for name, c := range map[string]struct {
		patches     Patches
		annotations map[string]string
		operation   admissionv1.Operation
		want        []string // the images of migrate, proxy and app
		annotated   map[string]string
		outcome     string
	}{
		"one container":                 {give(app), nil, admissionv1.Create, []string{"api:1", "proxy:1", "api:2"}, by, outcomePatched},
		"an init container with it":     {give(app, migrate), nil, admissionv1.Create, []string{"api:2", "proxy:1", "api:2"}, by, outcomePatched},
		"beside other annotations":      {give(app), map[string]string{"a/b~c": "d"}, admissionv1.Create, []string{"api:1", "proxy:1", "api:2"}, map[string]string{"a/b~c": "d", "respin.dev/patched-by": "api-1"}, outcomePatched},
		"one that has the image":        {give(rollout.ContainerImage{Name: "app", Image: "api:1"}), nil, admissionv1.Create, nil, nil, outcomeUnchanged},
		"nothing is known for it":       {give(), nil, admissionv1.Create, nil, nil, outcomeUnchanged},
		"nothing is known at all":       {nil, nil, admissionv1.Create, nil, nil, outcomeUnchanged},
		"one that is there already":     {give(app), nil, admissionv1.Update, nil, nil, outcomeUnchanged},
		"a container that it lacks":     {give(app, rollout.ContainerImage{Name: "other", Image: "x"}), nil, admissionv1.Create, nil, nil, outcomeFailed},
		"an init container of the name": {give(rollout.ContainerImage{Name: "app", Init: true, Image: "x"}), nil, admissionv1.Create, nil, nil, outcomeFailed},
		"an image that is none":         {give(rollout.ContainerImage{Name: "app"}), nil, admissionv1.Create, nil, nil, outcomeFailed},
		"the search panics": {patchesFunc(func(string, *corev1.Pod) (string, []rollout.ContainerImage) { panic("a mistake") }), nil,
			admissionv1.Create, nil, nil, outcomeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			before := counted(t, c.outcome)
			pod := asked(t, Pods(c.patches), c.operation, nil, aPod(c.annotations))
			want := aPod(c.annotated)
			if c.want != nil {
				want.Spec.InitContainers[0].Image, want.Spec.Containers[0].Image, want.Spec.Containers[1].Image = c.want[0], c.want[1], c.want[2]
			}
			if !reflect.DeepEqual(pod, want) {
				t.Errorf("got %+v\nwant %+v", pod, want)
			}
			if got := counted(t, c.outcome) - before; got != 1 {
				t.Errorf("it is counted %v times as %s", got, c.outcome)
			}
		})
	}
}

func TestWhatIsNoPodPasses(t *testing.T) {
	for name, raw := range map[string]string{"nothing": "", "no JSON": "{", "another shape": `{"spec": []}`} {
		t.Run(name, func(t *testing.T) {
			before := counted(t, outcomeUndecodable)
			answer := Pods(give()).Handle(t.Context(), admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
				Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: []byte(raw)},
			}})
			if !answer.Allowed || len(answer.Patches) != 0 || counted(t, outcomeUndecodable) != before+1 {
				t.Errorf("got %+v", answer)
			}
		})
	}
}

func TestThePodIsLookedForInTheRequestsNamespace(t *testing.T) {
	patches := patchesFunc(func(namespace string, pod *corev1.Pod) (string, []rollout.ContainerImage) {
		if namespace != "shop" || pod.Namespace != "shop" {
			t.Errorf("it is looked for in %q, and says %q", namespace, pod.Namespace)
		}
		return "", nil
	})
	asked(t, Pods(patches), admissionv1.Create, nil, aPod(nil))
}
