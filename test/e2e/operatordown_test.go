//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/operator"
)

// Where pods are patched as they start and nobody is there to do it, they start as they are. They run well, and so they
// are left alone when the operator is back.
func TestPodsStartWhileTheOperatorIsDown(t *testing.T) {
	r := newRestarting(t, 2)
	r.base.Move("two")
	_, patched := r.opens()
	pods := r.Pods(r.workload)
	var came *corev1.Pod
	operator.WhileAway(t, func() {
		asked := time.Now()
		came = r.successor(&pods[0], r.app.Reference)
		t.Logf("with the operator down, a pod's successor was ready after %s", time.Since(asked).Round(time.Millisecond))
	})
	if by := came.Annotations[respinv1alpha1.AnnotationPatchedBy]; by != "" {
		t.Errorf("with the operator down, a pod was patched by %s", by)
	}
	cluster.Pass(t, quietFor)
	r.isAsItWas(came)
	r.isAsItWas(&pods[1])
	r.isNotTouched(r.workload)

	// What leads to the operator's pod learns of it a little later than it works.
	cluster.Eventually(t, patchTimeout, "a pod that is deleted has a patched successor again", func() string {
		before := r.Pods(r.workload)
		r.Remove(&before[0])
		next := r.Successor(r.workload, before, func(*corev1.Pod) string { return "" })
		if image := next.Spec.Containers[0].Image; image != patched {
			return fmt.Sprintf("%s has %s", next.Name, image)
		}
		return ""
	})
}
