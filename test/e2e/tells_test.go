//go:build e2e

package e2e

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// runTo waits for the run that moves an image to where a base is now.
func (w *world) runTo(base *images.Base) *respinv1alpha1.PatchRun {
	w.t.Helper()
	digest := base.Digest()
	var run *respinv1alpha1.PatchRun
	cluster.Eventually(w.t, patchTimeout, "there is a run for the base's digest", func() string {
		runs := w.runs()
		at := slices.IndexFunc(runs, func(r respinv1alpha1.PatchRun) bool { return r.Spec.Base.To == digest })
		if at < 0 {
			return fmt.Sprintf("none of %d", len(runs))
		}
		run = &runs[at]
		return ""
	})
	return run
}

// moved moves a base to a version, has a policy look, and returns the run that comes of it.
func (w *world) moved(policy *respinv1alpha1.PatchPolicy, base *images.Base, version string) *respinv1alpha1.PatchRun {
	w.t.Helper()
	base.Move(version)
	w.check(policy)
	return w.runTo(base)
}

// gives waits until a run gives a reason, in a condition or for a workload.
func (w *world) gives(run *respinv1alpha1.PatchRun, reason string) {
	w.t.Helper()
	cluster.Eventually(w.t, patchTimeout, "the run gives the reason "+reason, func() string {
		w.Read(run)
		ofCondition := func(c metav1.Condition) bool { return c.Reason == reason }
		ofWorkload := func(s respinv1alpha1.WorkloadStatus) bool { return s.Reason == reason }
		if slices.ContainsFunc(run.Status.Conditions, ofCondition) || slices.ContainsFunc(run.Status.Workloads, ofWorkload) {
			return ""
		}
		return fmt.Sprintf("%s %s: %+v %+v", run.Status.Phase, run.Status.Reason, run.Status.Conditions, run.Status.Workloads)
	})
}

// hasCome waits until a workload has come into one of some states in a run, and returns how it is.
func (w *world) hasCome(run *respinv1alpha1.PatchRun, workload client.Object, to ...respinv1alpha1.WorkloadState) respinv1alpha1.WorkloadStatus {
	w.t.Helper()
	var status respinv1alpha1.WorkloadStatus
	cluster.Eventually(w.t, patchTimeout, fmt.Sprintf("%s is %v", workload.GetName(), to), func() string {
		w.Read(run)
		status = of(run, workload)
		if slices.Contains(to, status.State) {
			return ""
		}
		return fmt.Sprintf("it is %+v, and the run %s %s", status, run.Status.Phase, run.Status.Reason)
	})
	return status
}

// of is how far a run has come with a workload, by its name.
func of(run *respinv1alpha1.PatchRun, workload client.Object) respinv1alpha1.WorkloadStatus {
	for i := range run.Status.Workloads {
		if run.Status.Workloads[i].Name == workload.GetName() {
			return run.Status.Workloads[i]
		}
	}
	return respinv1alpha1.WorkloadStatus{}
}

// imageIs waits until an image of a policy is in a state for a reason.
func (w *world) imageIs(policy *respinv1alpha1.PatchPolicy, state respinv1alpha1.ImageState, reason string) respinv1alpha1.ImageStatus {
	w.t.Helper()
	return w.imageWith(policy, fmt.Sprintf("is %s %s", state, reason), func(i respinv1alpha1.ImageStatus) bool {
		return i.State == state && i.Reason == reason
	})
}

// imageWith waits until a policy tells of an image for which something holds.
func (w *world) imageWith(policy *respinv1alpha1.PatchPolicy, what string,
	holds func(respinv1alpha1.ImageStatus) bool) respinv1alpha1.ImageStatus {
	w.t.Helper()
	var found respinv1alpha1.ImageStatus
	cluster.Eventually(w.t, patchTimeout, "an image "+what, func() string {
		w.Read(policy)
		at := slices.IndexFunc(policy.Status.Images, holds)
		if at < 0 {
			return fmt.Sprintf("the images are %+v", policy.Status.Images)
		}
		found = policy.Status.Images[at]
		return ""
	})
	return found
}

// isNotTouched expects a Deployment to be as it was made.
func (w *world) isNotTouched(workload *deployment) {
	w.t.Helper()
	if w.Read(workload); workload.Generation != 1 {
		w.t.Errorf("%s was changed to %s, and is at generation %d", workload.Name, cluster.Image(workload), workload.Generation)
	}
}

// isBack expects a workload's template to be, to the letter, what it was before.
func (w *world) isBack(workload client.Object, before *corev1.PodTemplateSpec) {
	w.t.Helper()
	w.Read(workload)
	if after := cluster.Template(workload); !equality.Semantic.DeepEqual(before, after) {
		w.t.Errorf("the template of %s was\n%+v\nand is\n%+v", workload.GetName(), before, after)
	}
}

// replicated gives a Deployment pods, and how many more and fewer of them there may be while they are replaced.
func replicated(workload *deployment, replicas, surge, unavailable int32) *deployment {
	workload.Spec.Replicas = &replicas
	workload.Spec.Strategy.RollingUpdate.MaxSurge.IntVal = surge
	workload.Spec.Strategy.RollingUpdate.MaxUnavailable.IntVal = unavailable
	return workload
}
