package restart

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// The clock of these tests, and the images of their one workload: Deployment/api with the container app.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	plain = "example.com/api:1"
	fixed = "example.com/api:1-respin-1@sha256:1111"
	newer = "example.com/api:1-respin-2@sha256:2222"
)

func ago(d time.Duration) metav1.Time { return metav1.NewTime(now.Add(-d)) }

// deployment is a workload with the container app on an image.
func deployment(name, image string) rollout.Workload {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name)}}
	return rollout.Workload{
		Kind: respinv1alpha1.KindDeployment, Object: d,
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}},
		Template: &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}}},
	}
}

// run is one that opened Deployment/api, some days ago.
func run(name string, days int, output string, change ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
	r := respinv1alpha1.PatchRun{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, CreationTimestamp: ago(time.Duration(days) * 24 * time.Hour)},
		Spec: respinv1alpha1.PatchRunSpec{
			Rollout: respinv1alpha1.Delivery{Type: respinv1alpha1.OnRestart},
			Workloads: []respinv1alpha1.WorkloadTarget{{
				Kind: respinv1alpha1.KindDeployment, Name: "api", UID: "uid-api",
				Containers: []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: plain}},
			}},
		},
		Status: respinv1alpha1.PatchRunStatus{
			Output: &respinv1alpha1.OutputStatus{Image: output},
			Workloads: []respinv1alpha1.WorkloadStatus{{
				Kind: respinv1alpha1.KindDeployment, Name: "api", State: respinv1alpha1.WorkloadOpen,
			}},
		},
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func inState(state respinv1alpha1.WorkloadState) func(*respinv1alpha1.PatchRun) {
	return func(r *respinv1alpha1.PatchRun) { r.Status.Workloads[0].State = state }
}

func with(condition string, status metav1.ConditionStatus) func(*respinv1alpha1.PatchRun) {
	return func(r *respinv1alpha1.PatchRun) {
		r.Status.Conditions = append(r.Status.Conditions, metav1.Condition{Type: condition, Status: status})
	}
}

// pod is one of Deployment/api's, as its ReplicaSet makes it.
func pod(name, image string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("uid-" + name),
			Labels:          map[string]string{"app": "api", appsv1.DefaultDeploymentUniqueLabelKey: "5f6d"},
			OwnerReferences: []metav1.OwnerReference{owner("apps/v1", "ReplicaSet", "api-5f6d")},
		},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyAlways,
			Containers:    []corev1.Container{{Name: "proxy", Image: "example.com/proxy:1"}, {Name: "app", Image: image}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "app"}}},
	}
	for _, c := range change {
		c(p)
	}
	return p
}

func owner(version, kind, name string) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: version, Kind: kind, Name: name, UID: types.UID("uid-" + name), Controller: new(true)}
}

// The states of the container app.

func running(since time.Duration) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].Ready = true
		p.Status.ContainerStatuses[0].State.Running = &corev1.ContainerStateRunning{StartedAt: ago(since)}
	}
}

func unready(p *corev1.Pod) { p.Status.ContainerStatuses[0].Ready = false }

func waiting(reason string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: "in words"}
	}
}

// ended has run for five seconds.
func ended(code int32, reason string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].State.Terminated = end(code, reason) }
}

func endedBefore(code int32, reason string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = end(code, reason)
	}
}

func end(code int32, reason string) *corev1.ContainerStateTerminated {
	return &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, StartedAt: ago(8 * time.Second), FinishedAt: ago(3 * time.Second)}
}

func restarted(times int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount = times }
}

func annotated(key, value string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { metav1.SetMetaDataAnnotation(&p.ObjectMeta, key, value) }
}

// filled is an index with the entries of one namespace.
func filled(entries ...Entry) *Index {
	x := NewIndex()
	x.Set("shop", entries)
	x.MarkReady()
	return x
}
