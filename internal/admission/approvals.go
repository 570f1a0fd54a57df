package admission

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// maxApprover is how long a name status.approval.by holds.
const maxApprover = 512

// Approvals has the annotation respin.dev/approved-by of runs tell who set respin.dev/approve, as the API server knows
// them, and nothing else: whatever is written into it is put right. What it cannot read it refuses, since an approver
// that nobody looked at would count as one.
func Approvals() admission.Handler {
	return admission.HandlerFunc(func(_ context.Context, req admission.Request) admission.Response {
		now, err := annotations(req.Object.Raw)
		if err != nil {
			return admission.Denied("the run cannot be read: " + err.Error())
		}
		before, err := annotations(req.OldObject.Raw)
		if err != nil {
			return admission.Denied("the run as it was before cannot be read: " + err.Error())
		}
		by, known := approver(before, now, req.UserInfo.Username)
		written, is := now[respinv1alpha1.AnnotationApprovedBy]
		switch {
		case !known && is:
			return admission.Patched("", bare(respinv1alpha1.AnnotationApprovedBy))
		case known && (!is || written != by):
			return admission.Patched("", annotate(now, respinv1alpha1.AnnotationApprovedBy, by))
		}
		return unchanged()
	})
}

// approver is who approved what a run's annotations approve now, where it is user who writes; false where nobody did,
// or nobody knows who.
func approver(before, now map[string]string, user string) (string, bool) {
	digest, approved := now[respinv1alpha1.AnnotationApprove]
	old, was := before[respinv1alpha1.AnnotationApprove]
	switch {
	case !approved:
		return "", false
	case was && old == digest:
		by, known := before[respinv1alpha1.AnnotationApprovedBy]
		return by, known
	}
	return plan.Clip(user, maxApprover), true
}

// annotations are an object's, as the API server sends it; none where it sends none, as of an object that is created.
func annotations(raw []byte) (map[string]string, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var object metav1.PartialObjectMetadata
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, fmt.Errorf("decoding its metadata: %w", err)
	}
	return object.Annotations, nil
}
