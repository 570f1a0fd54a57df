package rollout

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func job(image string, created time.Time, conditions ...batchv1.JobConditionType) batchv1.Job {
	j := batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "report-1", CreationTimestamp: metav1.NewTime(created)}}
	j.Spec.Template.Spec = pod("", image).Spec
	for _, kind := range conditions {
		j.Status.Conditions = append(j.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, Message: "said"})
	}
	return j
}

// starting has a Job's pod not ready yet.
func starting(j batchv1.Job) batchv1.Job {
	j.Status.Active, j.Status.Ready = 1, new(int32(0))
	return j
}

func TestACronJobIsJudgedByItsFirstJobOnTheImages(t *testing.T) {
	for sentence, test := range map[string]struct {
		jobs      []batchv1.Job
		pods      []corev1.Pod
		suspended bool
		waited    time.Duration
		verdict   Verdict
		reason    string
		message   string
	}{
		"its next Job is waited for, however long": {
			jobs: []batchv1.Job{job("old", noon, batchv1.JobFailed)}, waited: 100 * time.Hour,
			verdict: Waiting, reason: respinv1alpha1.ReasonWaiting, message: "its next Job runs the patched image and is waited for",
		},
		"one that is suspended makes none": {
			suspended: true, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy, message: "it is suspended; its next Job runs the patched image",
		},
		"a Job that is complete is healthy": {
			jobs: []batchv1.Job{job("new", noon, batchv1.JobComplete)}, verdict: Healthy, reason: respinv1alpha1.ReasonHealthy,
			message: "job report-1 is complete on the patched image",
		},
		"a Job that failed is not, whatever later ones do": {
			jobs:    []batchv1.Job{job("new", noon, batchv1.JobFailed), job("new", noon, batchv1.JobComplete)},
			verdict: Unhealthy, reason: respinv1alpha1.ReasonJobFailed, message: "job report-1 failed: said",
		},
		"a Job works as long as it needs": {
			jobs: []batchv1.Job{job("new", noon)}, waited: 100 * time.Hour, verdict: Waiting, reason: respinv1alpha1.ReasonWaiting,
			message: "job report-1 runs on the patched image",
		},
		"but has to start in time": {
			jobs: []batchv1.Job{starting(job("new", noon))}, waited: time.Minute, verdict: Unhealthy, reason: respinv1alpha1.ReasonTimedOut,
			message: "not healthy within 1m0s: no pod of job report-1 is ready",
		},
		"a pod that cannot come up fails it early": {
			jobs: []batchv1.Job{starting(job("new", noon))}, pods: []corev1.Pod{pod("a", "new", waiting("ImagePullBackOff", "no such image"))},
			verdict: Unhealthy, reason: respinv1alpha1.ReasonUnhealthy, message: "container app of pod a: ImagePullBackOff: no such image",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			facts := Facts{
				Workload: Workload{Kind: respinv1alpha1.KindCronJob, Suspended: test.suspended}, Images: newImages,
				Jobs: test.jobs, Pods: test.pods, Since: noon, Now: noon.Add(test.waited),
			}
			expectHealth(t, Judge(facts, time.Minute), test.verdict, test.reason, test.message)
		})
	}
}
