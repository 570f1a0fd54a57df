//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// restarting is a workload whose pods are patched as they start.
type restarting struct {
	*world
	base     *images.Base
	app      images.App
	workload *deployment
	policy   *respinv1alpha1.PatchPolicy
}

func newRestarting(t *testing.T, pods int32) *restarting {
	t.Helper()
	w := newWorld(t)
	r := &restarting{world: w, base: w.NewBase("base", "one")}
	r.app = w.Assemble("app", r.base, true)
	r.workload = replicated(cluster.Deployment("app", r.app.Reference), pods, 1, 0)
	r.policy = keeping(newPolicy("app", rebuild(r.app)), "app")
	r.policy.Spec.Rollout.Type = respinv1alpha1.OnRestart
	w.current(r.policy, r.workload)
	return r
}

// opens has the policy look at a base that has moved, and waits until pods are patched as they start. The image that
// they get is returned with the run.
func (r *restarting) opens() (run *respinv1alpha1.PatchRun, patched string) {
	r.t.Helper()
	r.check(r.policy)
	run = r.runTo(r.base)
	r.hasCome(run, r.workload, respinv1alpha1.WorkloadOpen)
	return run, run.Status.Output.Image
}

// successor ends a pod, and waits for the one that comes in its place to run an image.
func (r *restarting) successor(pod *corev1.Pod, image string) *corev1.Pod {
	r.t.Helper()
	before := r.Pods(r.workload)
	r.Remove(pod)
	return r.Successor(r.workload, before, runs(image))
}

// runs says what keeps a pod from running an image, by tag or by digest, and being ready.
func runs(image string) func(*corev1.Pod) string {
	return func(pod *corev1.Pod) string {
		status := cluster.Status(pod)
		_, digest, _ := strings.Cut(image, "@")
		if pod.Spec.Containers[0].Image == image && strings.HasSuffix(status.ImageID, digest) &&
			status.State.Running != nil && status.Ready {
			return ""
		}
		return fmt.Sprintf("%s has %s and is %+v", pod.Name, pod.Spec.Containers[0].Image, status)
	}
}

// counts waits until the run and the policy tell how many of how many pods run the patched image.
func (r *restarting) counts(run *respinv1alpha1.PatchRun, patched, pods int32) {
	r.t.Helper()
	cluster.Eventually(r.t, patchTimeout, fmt.Sprintf("the run tells of %d of %d pods", patched, pods), func() string {
		r.Read(run)
		if s := of(run, r.workload); s.Pods != pods || s.PatchedPods != patched {
			return fmt.Sprintf("it tells of %d of %d", s.PatchedPods, s.Pods)
		}
		return ""
	})
	r.imageWith(r.policy, fmt.Sprintf("is patched in %d of %d pods", patched, pods), func(i respinv1alpha1.ImageStatus) bool {
		return i.Repository == r.app.Repository && i.Pods == pods && i.PatchedPods == patched
	})
}

// isAsItWas expects a pod to run what it ran before, without a restart.
func (r *restarting) isAsItWas(before *corev1.Pod) {
	r.t.Helper()
	now := before.DeepCopy()
	r.Read(now)
	was, is := cluster.Status(before), cluster.Status(now)
	if now.UID != before.UID || is.ContainerID != was.ContainerID || is.RestartCount != was.RestartCount ||
		now.Spec.Containers[0].Image != before.Spec.Containers[0].Image {
		r.t.Errorf("a pod that runs well was touched: it was\n%+v\nand is\n%+v", was, is)
	}
}

// A container that dies comes back patched in the very same pod, a pod that is deleted has a patched successor, and
// nothing else is disturbed.
// It goes by itself: what has run well for seconds is not replaced, and dozens of pods that start beside it take as long.
func TestWhatDiesComesBackPatched(t *testing.T) {
	r := newRestarting(t, 3)
	r.base.Move("two")
	run, patched := r.opens()
	pods := r.Pods(r.workload)
	killed, deleted, other := &pods[0], &pods[1], &pods[2]
	r.counts(run, 0, 3)

	r.Kill(killed)
	r.comesBack(killed, patched)
	r.counts(run, 1, 3)

	successor := r.successor(deleted, patched)
	if status := cluster.Status(successor); status.RestartCount != 0 || successor.Annotations[respinv1alpha1.AnnotationPatchedBy] != run.Name {
		t.Errorf("the successor did not start patched: %v %+v", successor.Annotations, status)
	}
	r.counts(run, 2, 3)
	r.isAsItWas(other)
	r.isNotTouched(r.workload)

	r.successor(other, patched)
	r.succeeded(run)
	r.Says(r.workload, cluster.Container, "two")
	r.isReady(r.policy, respinv1alpha1.ReasonUpToDate)
	r.imageIs(r.policy, respinv1alpha1.ImageCurrent, respinv1alpha1.ReasonPatchedOnRestart)
	r.isNotTouched(r.workload)
	r.onlyRun()
}

// comesBack waits until a pod that was hit runs the patched image, and expects it to be the same pod.
func (r *restarting) comesBack(hit *corev1.Pod, patched string) {
	r.t.Helper()
	now := hit.DeepCopy()
	cluster.Eventually(r.t, patchTimeout, "the pod runs the patched image", func() string {
		r.Read(now)
		return runs(patched)(now)
	})
	if now.UID != hit.UID || now.Status.PodIP != hit.Status.PodIP {
		r.t.Errorf("the pod was %s at %s, and is %s at %s", hit.UID, hit.Status.PodIP, now.UID, now.Status.PodIP)
	}
	// The kubelet may have started the old image once more before the patched one reached it.
	if rose := cluster.Status(now).RestartCount - cluster.Status(hit).RestartCount; rose < 1 || rose > 2 {
		r.t.Errorf("the container was started anew %d times", rose)
	}
	if now.Annotations[respinv1alpha1.AnnotationReplaced] == "" {
		r.t.Errorf("the pod does not tell that its image was replaced: %v", now.Annotations)
	}
}

// A patched image that fails where the old one did not is taken out of the pods that have it, and no pod gets it again.
func TestAPatchThatFailsOnRestartIsTakenBackInPlace(t *testing.T) {
	t.Parallel()
	r := newRestarting(t, 2)
	pods := r.Pods(r.workload)
	r.base.MoveToCrashing("two", "no library")
	run, _ := r.opens()

	came := r.successor(&pods[0], r.app.Reference)
	if status := cluster.Status(came); status.RestartCount == 0 {
		t.Errorf("the pod that came did not fail on the patched image: %+v", status)
	}
	r.ended(run, respinv1alpha1.PhaseRolledBack)
	r.failedFor(run, respinv1alpha1.ReasonUnhealthy, []string{"exit code 3", "no library"})
	r.imageIs(r.policy, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
	r.isAsItWas(&pods[1])

	next := r.successor(&pods[1], r.app.Reference)
	if patchedBy := next.Annotations[respinv1alpha1.AnnotationPatchedBy]; patchedBy != "" {
		t.Errorf("a pod got the image that was taken back, from %s", patchedBy)
	}
	r.isLeftAlone(r.policy, r.workload, quietFor)
	r.Says(r.workload, cluster.Container, "one")
	r.isNotTouched(r.workload)
}
