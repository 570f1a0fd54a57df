package admission

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/respin-dev/respin/internal/rollout"
)

// BenchmarkPods answers about a pod of a usual size, from the request's bytes to the answer's.
func BenchmarkPods(b *testing.B) {
	pod := aPod(map[string]string{"prometheus.io/scrape": "true"})
	for i := range pod.Spec.Containers {
		for n := range 30 {
			pod.Spec.Containers[i].Env = append(pod.Spec.Containers[i].Env, corev1.EnvVar{Name: fmt.Sprintf("VARIABLE_%d", n), Value: "some value"})
		}
	}
	review := encoded(b, &admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "1", Operation: admissionv1.Create, Namespace: "shop", Object: runtime.RawExtension{Raw: encoded(b, pod)},
		},
	})
	hook := &admission.Webhook{Handler: Pods(give(rollout.ContainerImage{Name: "app", Image: "api:2"}))}
	b.SetBytes(int64(len(review)))
	b.ReportAllocs()
	for b.Loop() {
		question := httptest.NewRequest(http.MethodPost, PathPods, io.NopCloser(bytes.NewReader(review)))
		question.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		hook.ServeHTTP(answer, question)
		if !bytes.Contains(answer.Body.Bytes(), []byte(`"patch"`)) {
			b.Fatalf("the pod is not patched: %s", answer.Body)
		}
	}
}
