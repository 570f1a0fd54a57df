//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

// A CronJob's template is patched, and its next Job tells whether that was good.
func TestACronJobIsJudgedByItsNextJob(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]struct {
		move  func(*images.Base) string
		phase respinv1alpha1.RunPhase
	}{
		"which succeeds": {func(b *images.Base) string { return b.Move("two") }, respinv1alpha1.PhaseSucceeded},
		"which fails":    {func(b *images.Base) string { return b.MoveToUnready("two") }, respinv1alpha1.PhaseRolledBack},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app := w.Assemble("app", base, true)
			job := cluster.CronJob("app", app.Reference, images.Ready)
			policy := newPolicy("app", rebuild(app))
			policy.Spec.Workloads.Kinds = []respinv1alpha1.WorkloadKind{respinv1alpha1.KindCronJob}
			policy.Spec.Rollout.HealthTimeout.Duration = 2 * time.Minute
			w.Make(job)
			w.runsNow(job)
			w.follow(policy)
			w.isReady(policy, respinv1alpha1.ReasonUpToDate)
			before := cluster.Template(job).DeepCopy()

			next.move(base)
			w.check(policy)
			run := w.runTo(base)
			w.ended(run, next.phase)
			if next.phase == respinv1alpha1.PhaseRolledBack {
				w.failedFor(run, respinv1alpha1.ReasonJobFailed, []string{"exit code 1"})
				w.isBack(job, before)
				w.imageIs(policy, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
				return
			}
			w.isPatched(job, app, base)
			onlyImagesChanged(t, job, before)
			w.hasRun(job, run.Status.Output.Image)
			w.isReady(policy, respinv1alpha1.ReasonUpToDate)
		})
	}
}

// runsNow makes a Job of a CronJob, as "kubectl create job --from" does, and waits until it has succeeded.
func (w *world) runsNow(cron *batchv1.CronJob) {
	w.t.Helper()
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name:            cron.Name + "-by-hand",
			Annotations:     map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob"))},
		},
		Spec: *cron.Spec.JobTemplate.Spec.DeepCopy(),
	}
	w.Make(job)
	cluster.Eventually(w.t, patchTimeout, "the Job succeeds", func() string {
		if w.Read(job); job.Status.Succeeded == 1 {
			return ""
		}
		return fmt.Sprintf("%+v", job.Status)
	})
}

// hasRun expects a pod of a CronJob to have succeeded on an image.
func (w *world) hasRun(cron *batchv1.CronJob, image string) {
	w.t.Helper()
	succeeded := func(p corev1.Pod) bool {
		return p.Spec.Containers[0].Image == image && p.Status.Phase == corev1.PodSucceeded
	}
	if pods := w.Pods(cron); !slices.ContainsFunc(pods, succeeded) {
		w.t.Errorf("none of the %d pods of %s has succeeded on %s", len(pods), cron.Name, image)
	}
}

// Kubernetes itself would leave the broken pod of a StatefulSet for a person to delete.
func TestAStatefulSetHealsWhenItsPatchIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.Assemble("app", base, true)
	workload, policy := cluster.StatefulSet("app", app.Reference, cluster.WithReadiness(2, images.Ready)), newPolicy("app", rebuild(app))
	workload.Spec.Replicas = new(int32(2))
	w.current(policy, workload)
	before := workload.Spec.Template.DeepCopy()

	base.MoveToCrashing("two", "no library")
	w.check(policy)
	run := w.runTo(base)
	w.ended(run, respinv1alpha1.PhaseRolledBack)
	w.failedFor(run, respinv1alpha1.ReasonUnhealthy, []string{"exit code 3", "no library"})
	w.isBack(workload, before)
	w.RolledOut(workload)
	w.Says(workload, cluster.Container, "one")
	w.isBack(workload, before)
}
