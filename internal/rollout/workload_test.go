package rollout

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestProgressOfADeployment(t *testing.T) {
	for sentence, test := range map[string]struct {
		deployment appsv1.Deployment
		want       Progress
	}{
		"one that was created this moment": {want: Progress{Observed: true, Wanted: 1}},
		"one whose template changed": {
			deployment: appsv1.Deployment{
				ObjectMeta: metav1.ObjectMeta{Generation: 2},
				Status:     appsv1.DeploymentStatus{ObservedGeneration: 1},
			},
			want: Progress{Wanted: 1},
		},
		"one that is half-way": {
			deployment: appsv1.Deployment{
				Spec:   appsv1.DeploymentSpec{Replicas: new(int32(3))},
				Status: appsv1.DeploymentStatus{Replicas: 4, UpdatedReplicas: 2, AvailableReplicas: 3},
			},
			want: Progress{Observed: true, Wanted: 3, Updated: 2, Available: 3, Old: 2},
		},
		"one that was scaled to nothing": {
			deployment: appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: new(int32(0))}},
			want:       Progress{Observed: true},
		},
		"one that does not progress": {
			deployment: appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionFalse, Message: "no matter"},
				{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Message: "timed out progressing"},
			}}},
			want: Progress{Observed: true, Wanted: 1, Failed: "timed out progressing"},
		},
		"one that is paused has no verdict": {
			deployment: appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionUnknown, Message: "paused"},
			}}},
			want: Progress{Observed: true, Wanted: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if found := fromDeployment(&test.deployment).Progress; found != test.want {
				t.Errorf("its progress is %+v, want %+v", found, test.want)
			}
		})
	}
}

func TestProgressOfAStatefulSet(t *testing.T) {
	partitioned := func(at int32) appsv1.StatefulSetUpdateStrategy {
		return appsv1.StatefulSetUpdateStrategy{
			RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: &at},
		}
	}
	midway := appsv1.StatefulSetStatus{
		CurrentRevision: "old", UpdateRevision: "new", Replicas: 3, UpdatedReplicas: 1, AvailableReplicas: 3,
	}
	for sentence, test := range map[string]struct {
		strategy appsv1.StatefulSetUpdateStrategy
		status   appsv1.StatefulSetStatus
		want     Progress
	}{
		"one that is half-way": {
			status: midway, want: Progress{Observed: true, Wanted: 3, Updated: 1, Available: 3},
		},
		"one that has only one revision": {
			status: appsv1.StatefulSetStatus{CurrentRevision: "new", UpdateRevision: "new", Replicas: 3, AvailableReplicas: 3},
			want:   Progress{Observed: true, Wanted: 3, Updated: 3, Available: 3},
		},
		"one that is partitioned wants only the pods beyond": {
			strategy: partitioned(2), status: midway, want: Progress{Observed: true, Wanted: 1, Updated: 1, Available: 1},
		},
		"one that is partitioned, with a pod that is not available": {
			strategy: partitioned(2),
			status: appsv1.StatefulSetStatus{
				CurrentRevision: "old", UpdateRevision: "new", Replicas: 3, UpdatedReplicas: 1, AvailableReplicas: 2,
			},
			want: Progress{Observed: true, Wanted: 1, Updated: 1},
		},
		"one whose partition keeps every pod": {
			strategy: partitioned(9), status: midway, want: Progress{Observed: true, Updated: 1},
		},
		"one of which pods are replaced as they are deleted": {
			strategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}, status: midway,
			want: Progress{Observed: true, Wanted: 3, Updated: 1, Available: 3, OnDelete: true},
		},
		"one whose status is of before": {
			status: appsv1.StatefulSetStatus{ObservedGeneration: -1, CurrentRevision: "a", UpdateRevision: "b"},
			want:   Progress{Wanted: 3},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			set := appsv1.StatefulSet{
				Spec: appsv1.StatefulSetSpec{Replicas: new(int32(3)), UpdateStrategy: test.strategy}, Status: test.status,
			}
			if found := fromStatefulSet(&set).Progress; found != test.want {
				t.Errorf("its progress is %+v, want %+v", found, test.want)
			}
		})
	}
}

func TestProgressOfADaemonSet(t *testing.T) {
	set := appsv1.DaemonSet{
		Spec: appsv1.DaemonSetSpec{UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType}},
		Status: appsv1.DaemonSetStatus{
			DesiredNumberScheduled: 5, UpdatedNumberScheduled: 3, NumberAvailable: 4,
		},
	}
	if found, want := fromDaemonSet(&set).Progress, (Progress{Observed: true, Wanted: 5, Updated: 3, Available: 4, OnDelete: true}); found != want {
		t.Errorf("its progress is %+v, want %+v", found, want)
	}
}

func TestImageOfAContainer(t *testing.T) {
	w := fromDeployment(&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "init", Image: "a"}}, Containers: []corev1.Container{{Name: "app", Image: "b"}},
	}}}})
	for sentence, test := range map[string]struct {
		name  string
		init  bool
		image string
		ok    bool
	}{
		"a container":       {"app", false, "b", true},
		"an init container": {"init", true, "a", true},
		"an init container is no other container": {"init", false, "", false},
		"none of that name":                       {"gone", false, "", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if image, ok := w.Image(test.name, test.init); image != test.image || ok != test.ok {
				t.Errorf("found %q, %v", image, ok)
			}
		})
	}
	w.Object.SetName("api")
	if w.String() != "Deployment/api" || w.Kind != respinv1alpha1.KindDeployment {
		t.Errorf("it is called %s", w)
	}
}
