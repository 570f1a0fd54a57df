package patchpolicy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/rollout"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// pod is one of a deployment with an init container and a container, on the node that is called one.
func pod(template string, changes ...func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(noon)},
		Spec: corev1.PodSpec{
			NodeName:       "one",
			InitContainers: []corev1.Container{{Name: "init", Image: template}},
			Containers:     []corev1.Container{{Name: "app", Image: template}},
		},
		Status: corev1.PodStatus{
			Phase:                 corev1.PodRunning,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "init", ImageID: "init-id"}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "app", ImageID: "app-id"}},
		},
	}
	for _, change := range changes {
		change(&p)
	}
	return p
}

func TestWhatPodsRun(t *testing.T) {
	for sentence, test := range map[string]struct {
		pods []corev1.Pod
		want []string // container: image IDs
	}{
		"without pods, nothing":                       {want: []string{"init: []", "app: []"}},
		"a pod of the template":                       {[]corev1.Pod{pod("api:2")}, []string{"init: [init-id]", "app: [app-id]"}},
		"a pod of an earlier template does not count": {[]corev1.Pod{pod("api:1")}, []string{"init: []", "app: []"}},
		"a pod that was evicted does not count": {
			[]corev1.Pod{pod("api:2", func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed })}, []string{"init: []", "app: []"},
		},
		"a pod that is yet to start does not count": {
			[]corev1.Pod{pod("api:2", func(p *corev1.Pod) { p.Status.ContainerStatuses = nil })}, []string{"init: [init-id]", "app: []"},
		},
		"a container that is yet to be pulled does not count": {
			[]corev1.Pod{pod("api:2", func(p *corev1.Pod) { p.Status.ContainerStatuses[0].ImageID = "" })}, []string{"init: [init-id]", "app: []"},
		},
		"an ephemeral container of the same name does not count": {
			[]corev1.Pod{pod("api:2", func(p *corev1.Pod) {
				p.Status.EphemeralContainerStatuses, p.Status.ContainerStatuses = p.Status.ContainerStatuses, nil
			})}, []string{"init: [init-id]", "app: []"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "api", UID: "uid-1", Labels: map[string]string{"a": "b"}}}
			template := corev1.PodTemplateSpec{Spec: pod("api:2").Spec}
			w := describe(rollout.Workload{Kind: respinv1alpha1.KindDeployment, Object: d, Template: &template}, test.pods, surroundings{})
			var found []string
			for _, c := range w.Containers {
				ids := []string{}
				for _, r := range c.Running {
					ids = append(ids, r.ImageID)
				}
				found = append(found, fmt.Sprintf("%s: %v", c.Name, ids))
			}
			if !slices.Equal(found, test.want) || w.Name != "api" || w.UID != "uid-1" || w.Labels["a"] != "b" {
				t.Errorf("found %v in %+v, want %v", found, w, test.want)
			}
		})
	}
}

func TestWhereAndSinceWhenAPodRuns(t *testing.T) {
	arm := image.Platform{OS: "linux", Architecture: "arm64"}
	template := pod("api:2").Spec.Containers[0]
	around := surroundings{nodes: map[string]image.Platform{"one": arm}}
	found := around.container(rollout.Workload{Kind: respinv1alpha1.KindDeployment}, &template, false, []corev1.Pod{pod("api:2")})
	if r := found.Running[0]; r.Platform != arm || !r.Started.Equal(noon) || found.Image != "api:2" || found.Init {
		t.Errorf("found %+v", found)
	}
}
