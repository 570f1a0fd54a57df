package rollout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Jobs are the Jobs that a CronJob has made and that still exist, oldest first; none for a workload of another kind.
func Jobs(ctx context.Context, reader client.Reader, w Workload) ([]batchv1.Job, error) {
	if w.Kind != respinv1alpha1.KindCronJob {
		return nil, nil
	}
	var list batchv1.JobList
	if err := reader.List(ctx, &list, client.InNamespace(w.Object.GetNamespace())); err != nil {
		return nil, fmt.Errorf("listing the Jobs of %s: %w", w, err)
	}
	jobs := slices.DeleteFunc(list.Items, func(job batchv1.Job) bool { return !metav1.IsControlledBy(&job, w.Object) })
	slices.SortFunc(jobs, func(a, b batchv1.Job) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return jobs, nil
}

// judgeJobs judges a CronJob by its first Job on the images. There is no hurry before that begins, nor while it works:
// only its pods' start has to be in time.
func judgeJobs(f Facts, timeout time.Duration) Health {
	if trouble := podTrouble(f.Pods, f.Images); trouble != nil {
		return *trouble
	}
	first := slices.IndexFunc(f.Jobs, func(job batchv1.Job) bool { return templateHas(job.Spec.Template.Spec, f.Images) })
	switch {
	case f.Workload.Suspended:
		return Health{Verdict: Healthy, Reason: respinv1alpha1.ReasonHealthy, Message: "it is suspended; its next Job runs the patched image"}
	case first < 0:
		return Health{Verdict: Waiting, Reason: respinv1alpha1.ReasonWaiting, Message: "its next Job runs the patched image and is waited for"}
	}
	job := &f.Jobs[first]
	if failed := jobCondition(job, batchv1.JobFailed); failed != nil {
		culprit, how := endedPod(f)
		return Health{
			Verdict: Unhealthy, Reason: respinv1alpha1.ReasonJobFailed, Culprit: culprit,
			Message: fmt.Sprintf("job %s failed: %s%s", job.Name, failed.Message, how),
		}
	}
	if jobCondition(job, batchv1.JobComplete) != nil {
		return Health{Verdict: Healthy, Reason: respinv1alpha1.ReasonHealthy, Message: fmt.Sprintf("job %s is complete on the patched image", job.Name)}
	}
	if waited := f.Now.Sub(job.CreationTimestamp.Time); job.Status.Ready != nil && *job.Status.Ready == 0 && job.Status.Active > 0 {
		if waited >= timeout {
			return timedOut(f, timeout, fmt.Sprintf("no pod of job %s is ready", job.Name))
		}
		return Health{Verdict: Waiting, Reason: respinv1alpha1.ReasonWaiting, Message: fmt.Sprintf("job %s starts", job.Name), After: timeout - waited}
	}
	return Health{Verdict: Waiting, Reason: respinv1alpha1.ReasonWaiting, Message: fmt.Sprintf("job %s runs on the patched image", job.Name)}
}

func jobCondition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == kind && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// endedPod is a container on the images that ended badly, in a pod that may have ended as well, and words on how.
func endedPod(f Facts) (culprit *Culprit, how string) {
	for i := range f.Pods {
		for _, image := range f.Images {
			if status := StatusOn(&f.Pods[i], image); status != nil && status.State.Terminated != nil && status.State.Terminated.ExitCode != 0 {
				how = fmt.Sprintf("; container %s of pod %s: %s", image.Name, f.Pods[i].Name, ending(status.State.Terminated))
				return &Culprit{Pod: &f.Pods[i], Container: image.Name, Init: image.Init}, how
			}
		}
	}
	return nil, ""
}

func templateHas(spec corev1.PodSpec, images []ContainerImage) bool {
	for _, image := range images {
		containers := spec.Containers
		if image.Init {
			containers = spec.InitContainers
		}
		if !slices.ContainsFunc(containers, func(c corev1.Container) bool { return c.Name == image.Name && c.Image == image.Image }) {
			return false
		}
	}
	return true
}
