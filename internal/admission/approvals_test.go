package admission

import (
	"maps"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

const (
	approve = respinv1alpha1.AnnotationApprove
	by      = respinv1alpha1.AnnotationApprovedBy
)

type annotated = map[string]string

func aRun(annotations annotated) *respinv1alpha1.PatchRun {
	return &respinv1alpha1.PatchRun{ObjectMeta: metav1.ObjectMeta{Name: "api-1", Annotations: annotations}}
}

// It is jane who writes.
func TestWhoApproved(t *testing.T) {
	for name, c := range map[string]struct{ before, written, want annotated }{
		"an approval":                                  {nil, annotated{approve: "a"}, annotated{approve: "a", by: "jane"}},
		"an approval beside another annotation":        {annotated{"x/y": "z"}, annotated{"x/y": "z", approve: "a"}, annotated{"x/y": "z", approve: "a", by: "jane"}},
		"an approval in somebody else's name":          {nil, annotated{approve: "a", by: "bob"}, annotated{approve: "a", by: "jane"}},
		"an approval in her own name":                  {nil, annotated{approve: "a", by: "jane"}, annotated{approve: "a", by: "jane"}},
		"another digest":                               {annotated{approve: "a", by: "bob"}, annotated{approve: "b", by: "bob"}, annotated{approve: "b", by: "jane"}},
		"the approver is replaced":                     {annotated{approve: "a", by: "bob"}, annotated{approve: "a", by: "jane"}, annotated{approve: "a", by: "bob"}},
		"the approver is removed":                      {annotated{approve: "a", by: "bob"}, annotated{approve: "a"}, annotated{approve: "a", by: "bob"}},
		"the approver is emptied":                      {annotated{approve: "a", by: "bob"}, annotated{approve: "a", by: ""}, annotated{approve: "a", by: "bob"}},
		"an approver for what nobody saw approved":     {annotated{approve: "a"}, annotated{approve: "a", by: "jane"}, annotated{approve: "a"}},
		"an approver without an approval":              {nil, annotated{by: "bob"}, nil},
		"the approval is taken back":                   {annotated{approve: "a", by: "bob"}, annotated{by: "bob"}, nil},
		"the approval is taken back, and its approver": {annotated{approve: "a", by: "bob"}, nil, nil},
		"an empty approval":                            {nil, annotated{approve: ""}, annotated{approve: "", by: "jane"}},
		"something else":                               {annotated{approve: "a", by: "bob"}, annotated{approve: "a", by: "bob", "x": "y"}, annotated{approve: "a", by: "bob", "x": "y"}},
		"nothing":                                      {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run := asked(t, Approvals(), admissionv1.Update, aRun(c.before), aRun(c.written))
			if !maps.Equal(run.Annotations, c.want) {
				t.Errorf("got %v, want %v", run.Annotations, c.want)
			}
		})
	}
}

func TestARunThatIsCreatedApprovedIsApprovedByWhoCreatesIt(t *testing.T) {
	for name, c := range map[string]struct{ written, want annotated }{
		"approved":                       {annotated{approve: "a"}, annotated{approve: "a", by: "jane"}},
		"approved in another's name":     {annotated{approve: "a", by: "bob"}, annotated{approve: "a", by: "jane"}},
		"not approved, by somebody else": {annotated{by: "bob"}, nil},
		"not approved":                   {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run := asked(t, Approvals(), admissionv1.Create, nil, aRun(c.written))
			if !maps.Equal(run.Annotations, c.want) {
				t.Errorf("got %v, want %v", run.Annotations, c.want)
			}
		})
	}
}

func TestALongNameIsClippedToWhatAStatusHolds(t *testing.T) {
	if got, _ := approver(nil, annotated{approve: "a"}, strings.Repeat("ä", 400)); len(got) > 512 || !strings.HasPrefix(got, "ää") {
		t.Errorf("got %d bytes: %s", len(got), got)
	}
}

func TestARunThatCannotBeReadIsRefused(t *testing.T) {
	sound := encoded(t, aRun(annotated{approve: "a"}))
	for name, c := range map[string]struct{ object, before string }{
		"as it is to be": {"{", string(sound)},
		"as it was":      {string(sound), `{"metadata": []}`},
	} {
		t.Run(name, func(t *testing.T) {
			answer := Approvals().Handle(t.Context(), admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
				Operation: admissionv1.Update, UserInfo: authenticationv1.UserInfo{Username: "jane"},
				Object: runtime.RawExtension{Raw: []byte(c.object)}, OldObject: runtime.RawExtension{Raw: []byte(c.before)},
			}})
			if answer.Allowed || answer.Result == nil || answer.Result.Message == "" {
				t.Errorf("got %+v", answer)
			}
		})
	}
}
