//go:build integration

package integration

import (
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/controllers/onrestart"
	"github.com/respin-dev/respin/internal/restart"
)

// toRestart is a deployment of two pods. Once they are patched as they start, the first is made anew and the other's
// container crashes.
func toRestart(k kubelet) func(*testing.T) *scenario {
	return func(t *testing.T) *scenario {
		t.Helper()
		s := verified(t, k, func(policy *respinv1alpha1.PatchPolicy) {
			baking(policy)
			policy.Spec.Rollout.Type = respinv1alpha1.OnRestart
		}, func(s *scenario, image string) {
			s.deployed("api", func(d *appsv1.Deployment) { d.Spec.Replicas = new(int32(2)) }, image)
		})
		s.others = append(s.others, s.replacedInPlace, s.restarts)
		return s
	}
}

// admission knows what pods get as they are created, as the operator's webhook does.
func (s *scenario) admission() *restart.Index {
	s.t.Helper()
	keeper := &onrestart.Keeper{Reader: s.cluster, Index: restart.NewIndex()}
	keeper.Index.MarkReady()
	s.must(reconcile(s, keeper, client.ObjectKey{Namespace: s.ns}))
	return keeper.Index
}

// restarts makes pods anew whose image is to be replaced as they start, or has their container crash.
func (s *scenario) restarts() {
	s.t.Helper()
	index := s.admission()
	for _, pod := range s.pods("") {
		_, images := index.For(s.ns, &pod)
		state := &pod.Status.ContainerStatuses[0]
		switch {
		case len(images) > 0 && pod.Labels[slot] == "0":
			s.must(live.Delete(s.t.Context(), &pod, client.GracePeriodSeconds(0)))
			again := pod.DeepCopy()
			again.ObjectMeta = metav1.ObjectMeta{Namespace: s.ns, GenerateName: pod.GenerateName, Labels: pod.Labels, OwnerReferences: pod.OwnerReferences}
			again.Status, again.Spec.Containers[0].Image = corev1.PodStatus{}, images[0].Image
			s.start(again)
		case len(images) > 0 && state.State.Running != nil:
			now := metav1.NewTime(s.clock.now())
			state.State, state.Ready = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: 137, Reason: "OOMKilled", StartedAt: state.State.Running.StartedAt, FinishedAt: now,
			}}, false
			s.must(live.Status().Update(s.t.Context(), &pod))
		case len(images) == 0 && state.State.Terminated != nil: // as the kubelet would have at once
			s.restart(&pod)
		}
	}
}

// toUnblock is a StatefulSet whose controller, as the real one, replaces a pod only once it is ready.
func toUnblock(t *testing.T) *scenario {
	t.Helper()
	s := bare(t, crashing)
	s.others = append(s.others, s.replacedInPlace, s.playStatefulSet)
	labels := map[string]string{"app": "api"}
	s.must(live.Create(t.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "api"},
		Spec: appsv1.StatefulSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: containing(s.shelf.app("shop/api"))},
		},
	}, client.FieldOwner("kubectl")))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(*respinv1alpha1.PatchPolicy) {})
	s.play()
	s.until(s.operator(), isTrue(respinv1alpha1.ConditionVerified))
	return s
}

func containing(image string) corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "app0", Image: image}}}
}

// playStatefulSet plays the StatefulSet's controller: its one pod is replaced by one of a new template if it is ready.
func (s *scenario) playStatefulSet() {
	s.t.Helper()
	var set appsv1.StatefulSet
	s.must(s.cluster.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns, Name: "api"}, &set))
	wanted, pods := revision(set.Spec.Template.Spec), s.pods("api")
	if len(pods) > 0 && pods[0].Labels[appsv1.StatefulSetRevisionLabel] != wanted && ready(pods[0]) {
		s.must(live.Delete(s.t.Context(), &pods[0], client.GracePeriodSeconds(0)))
		pods = nil
	}
	if len(pods) == 0 {
		pod := podOf(&set, &set.Spec.Template, metav1.OwnerReference{APIVersion: "apps/v1", Kind: "StatefulSet", Name: set.Name, UID: set.UID})
		pod.Labels[appsv1.StatefulSetRevisionLabel] = wanted
		s.start(pod)
		pods = []corev1.Pod{*pod}
	}
	status := appsv1.StatefulSetStatus{
		ObservedGeneration: set.Generation, Replicas: 1, UpdateRevision: wanted, CurrentRevision: pods[0].Labels[appsv1.StatefulSetRevisionLabel],
	}
	if ready(pods[0]) {
		status.ReadyReplicas, status.AvailableReplicas = 1, 1
	} else if status.CurrentRevision == wanted { // it is the pod's, but not the set's before it is ready
		status.CurrentRevision, status.UpdatedReplicas = "the one before", 1
	}
	if set.Status.UpdateRevision != status.UpdateRevision || set.Status.CurrentRevision != status.CurrentRevision || set.Status.ReadyReplicas != status.ReadyReplicas ||
		set.Status.ObservedGeneration != status.ObservedGeneration {
		set.Status = status
		s.acts++
		s.must(live.Status().Update(s.t.Context(), &set))
	}
}

// revision tells templates apart.
func revision(spec corev1.PodSpec) string {
	return fmt.Sprintf("api-%08x", crc32.ChecksumIEEE([]byte(spec.Containers[0].Image)))
}

func ready(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// toRunAJob is a CronJob whose Jobs are done at once.
func toRunAJob(t *testing.T) *scenario {
	t.Helper()
	s := bare(t, healthy)
	s.others = append(s.others, s.playCronJob)
	spec := containing(s.shelf.app("shop/api"))
	spec.RestartPolicy = corev1.RestartPolicyNever
	s.must(live.Create(t.Context(), &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "api"},
		Spec: batchv1.CronJobSpec{
			Schedule:    "0 2 * * *",
			JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: spec}}},
		},
	}, client.FieldOwner("kubectl")))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) {
		policy.Spec.Workloads.Kinds = []respinv1alpha1.WorkloadKind{respinv1alpha1.KindCronJob}
	})
	s.play()
	s.until(s.operator(), isTrue(respinv1alpha1.ConditionVerified))
	return s
}

// playCronJob makes a Job of every template that the CronJob has had, and has its pod do its work.
func (s *scenario) playCronJob() {
	s.t.Helper()
	var cron batchv1.CronJob
	s.must(s.cluster.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns, Name: "api"}, &cron))
	var jobs batchv1.JobList
	s.must(s.cluster.List(s.t.Context(), &jobs, client.InNamespace(s.ns)))
	image := cron.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Image
	if slices.ContainsFunc(jobs.Items, func(job batchv1.Job) bool { return job.Spec.Template.Spec.Containers[0].Image == image }) {
		return
	}
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, GenerateName: "api-", OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "batch/v1", Kind: "CronJob", Name: cron.Name, UID: cron.UID, Controller: new(true),
		}}},
		Spec: cron.Spec.JobTemplate.Spec,
	}
	s.must(live.Create(s.t.Context(), job))
	pod := podOf(job, &job.Spec.Template, metav1.OwnerReference{APIVersion: "batch/v1", Kind: "Job", Name: job.Name, UID: job.UID})
	s.start(pod)
	now := metav1.NewTime(s.clock.now())
	pod.Status.Phase = corev1.PodSucceeded
	pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{FinishedAt: now}}
	s.must(live.Status().Update(s.t.Context(), pod))
	job.Status = batchv1.JobStatus{StartTime: &now, CompletionTime: &now, Succeeded: 1, Conditions: []batchv1.JobCondition{
		{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, LastTransitionTime: now},
		{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, LastTransitionTime: now},
	}}
	s.must(live.Status().Update(s.t.Context(), job))
}
