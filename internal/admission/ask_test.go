package admission

import (
	"encoding/json"
	"testing"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// asked is an object as it is after a handler was asked about it, with the patch applied as the API server does.
func asked[T any](t *testing.T, handler admission.Handler, operation admissionv1.Operation, before, object *T) *T {
	t.Helper()
	req := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		UID: "1", Operation: operation, Namespace: "shop", UserInfo: authenticationv1.UserInfo{Username: "jane"},
		Object: runtime.RawExtension{Raw: encoded(t, object)},
	}}
	if before != nil {
		req.OldObject.Raw = encoded(t, before)
	}
	answer := handler.Handle(t.Context(), req)
	if err := answer.Complete(req); err != nil || !answer.Allowed {
		t.Fatalf("it is refused: %+v, %v", answer.Result, err)
	}
	if len(answer.Patch) == 0 {
		return object
	}
	patch, err := jsonpatch.DecodePatch(answer.Patch)
	if err != nil {
		t.Fatal(err)
	}
	patched, err := patch.Apply(req.Object.Raw)
	if err != nil {
		t.Fatalf("%s does not apply: %v", answer.Patch, err)
	}
	after := new(T)
	if err := json.Unmarshal(patched, after); err != nil {
		t.Fatal(err)
	}
	return after
}

func encoded(t testing.TB, object any) []byte {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
