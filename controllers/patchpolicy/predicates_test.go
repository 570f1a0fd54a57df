package patchpolicy

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestWhichPodsArePassedOn(t *testing.T) {
	for sentence, test := range map[string]struct {
		change func(*corev1.Pod)
		passed bool
	}{
		"one that became ready is not":   {func(p *corev1.Pod) { p.Status.ContainerStatuses[0].Ready = true }, false},
		"one that was restarted is not":  {func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount++ }, false},
		"one that runs another image is": {func(p *corev1.Pod) { p.Status.ContainerStatuses[0].ImageID = "another" }, true},
		"one whose init container started is": {func(p *corev1.Pod) {
			p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, corev1.ContainerStatus{})
		}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			before := pod("api:1")
			after := before.DeepCopy()
			test.change(after)
			if passed := imagesChanged().Update(event.UpdateEvent{ObjectOld: &before, ObjectNew: after}); passed != test.passed {
				t.Errorf("it is passed on: %v, want %v", passed, test.passed)
			}
		})
	}
	if new := pod("api:1"); !imagesChanged().Create(event.CreateEvent{Object: &new}) || !imagesChanged().Delete(event.DeleteEvent{Object: &new}) {
		t.Error("pods that begin and end have to be passed on")
	}
}

func TestWhetherACheckIsAskedFor(t *testing.T) {
	for sentence, test := range map[string]struct {
		asked, handled string
		want           bool
	}{
		"nobody asked": {}, "it was asked for": {"now", "", true}, "it was handled": {"now", "now", false},
		"it was asked for again": {"later", "now", true}, "the annotation was removed": {"", "now", false},
	} {
		policy := &respinv1alpha1.PatchPolicy{}
		policy.Annotations = map[string]string{respinv1alpha1.AnnotationReconcileAt: test.asked}
		policy.Status.LastHandledReconcileAt = test.handled
		if found := reconcileAsked(policy); found != test.want {
			t.Errorf("%s: %v, want %v", sentence, found, test.want)
		}
	}
}
