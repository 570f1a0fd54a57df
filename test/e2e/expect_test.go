//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// says waits until an object's conditions, read anew each time, hold one of a type, status and reason, and returns its
// message.
func (w *world) says(what client.Object, conditions func() []metav1.Condition, kind string, status metav1.ConditionStatus,
	reason string) string {
	w.t.Helper()
	var message string
	cluster.Eventually(w.t, patchTimeout, fmt.Sprintf("%T %s says %s=%s %s", what, what.GetName(), kind, status, reason), func() string {
		w.Read(what)
		c := meta.FindStatusCondition(conditions(), kind)
		if c == nil {
			return "no condition " + kind
		}
		if c.Status != status || c.Reason != reason {
			return fmt.Sprintf("%s=%s %s: %s", kind, c.Status, c.Reason, c.Message)
		}
		message = c.Message
		return ""
	})
	return message
}

func (w *world) policySays(policy *respinv1alpha1.PatchPolicy, kind string, status metav1.ConditionStatus, reason string) string {
	w.t.Helper()
	return w.says(policy, func() []metav1.Condition { return policy.Status.Conditions }, kind, status, reason)
}

func (w *world) runSays(run *respinv1alpha1.PatchRun, kind string, status metav1.ConditionStatus, reason string) string {
	w.t.Helper()
	return w.says(run, func() []metav1.Condition { return run.Status.Conditions }, kind, status, reason)
}

// isReady waits until a policy is ready for a reason, and nothing is wrong with it.
func (w *world) isReady(policy *respinv1alpha1.PatchPolicy, reason string) {
	w.t.Helper()
	w.policySays(policy, respinv1alpha1.ConditionReady, metav1.ConditionTrue, reason)
	for _, kind := range []string{respinv1alpha1.ConditionStalled, respinv1alpha1.ConditionDegraded} {
		if c := meta.FindStatusCondition(policy.Status.Conditions, kind); c != nil {
			w.t.Errorf("a ready policy is %s: %s", kind, c.Message)
		}
	}
}

// succeeded waits for a run's end, which has to be a good one.
func (w *world) succeeded(run *respinv1alpha1.PatchRun) {
	w.t.Helper()
	w.ended(run, respinv1alpha1.PhaseSucceeded)
}

// ended waits for a run's end in a phase.
func (w *world) ended(run *respinv1alpha1.PatchRun, phase respinv1alpha1.RunPhase) {
	w.t.Helper()
	cluster.Eventually(w.t, patchTimeout, "the run ends", func() string {
		w.Read(run)
		if run.Status.CompletionTime != nil {
			return ""
		}
		return "its phase is " + string(run.Status.Phase)
	})
	if run.Status.Phase != phase {
		w.t.Fatalf("the run ended as %s and not as %s: %+v", run.Status.Phase, phase, run.Status.Conditions)
	}
}

// isPatched expects a workload's template to have an image of its app's repository by tag and digest, which a run tells
// as its output and which stands on where the base is now.
func (w *world) isPatched(workload client.Object, app images.App, base *images.Base) {
	w.t.Helper()
	w.Read(workload)
	w.isOnBase(cluster.Image(workload), app, base)
}

func (w *world) isOnBase(patched string, app images.App, base *images.Base) {
	w.t.Helper()
	if !strings.HasPrefix(patched, app.Repository+":") || !strings.Contains(patched, "@sha256:") {
		w.t.Errorf("the workload has %s, not %s:tag@sha256:…", patched, app.Repository)
	}
	w.runFor(patched)
	if at := w.Annotations(patched)[image.AnnotationBaseDigest]; at != base.Digest() {
		w.t.Errorf("%s names %q as its base's digest, and the base is at %s", patched, at, base.Digest())
	}
}

// stays expects that the workloads' templates do not change for a while.
func (w *world) stays(whole time.Duration, workloads ...client.Object) {
	w.t.Helper()
	before := map[client.Object]int64{}
	for _, workload := range workloads {
		w.Read(workload)
		before[workload] = workload.GetGeneration()
	}
	cluster.Throughout(w.t, whole, "the workloads stay as they are", func() string {
		for _, workload := range workloads {
			if w.Read(workload); workload.GetGeneration() != before[workload] {
				return workload.GetName() + " was changed to " + cluster.Image(workload)
			}
		}
		return ""
	})
}
