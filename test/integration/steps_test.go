//go:build integration

package integration

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// until works with an operator until a run is there that is as wanted.
func (s *scenario) until(o *operator, wanted func(*respinv1alpha1.PatchRun) bool) *respinv1alpha1.PatchRun {
	s.t.Helper()
	for range 50 {
		for _, run := range s.runs() {
			if wanted(&run) {
				return &run
			}
		}
		s.step(o)
	}
	s.t.Fatalf("no run comes to be as wanted: %s", s.tell())
	return nil
}

func isTrue(kind string) func(*respinv1alpha1.PatchRun) bool {
	return func(run *respinv1alpha1.PatchRun) bool {
		return meta.IsStatusConditionTrue(run.Status.Conditions, kind)
	}
}

func (s *scenario) update(name string, change func(*appsv1.Deployment)) {
	s.t.Helper()
	d := s.deployment(name)
	change(d)
	s.must(live.Update(s.t.Context(), d, client.FieldOwner("kubectl")))
	s.play()
}

func running(reference string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = reference }
}

func (s *scenario) annotate(o client.Object, key, value string) {
	s.t.Helper()
	before, ok := o.DeepCopyObject().(client.Object)
	if !ok {
		s.t.Fatalf("%T is no object", o)
	}
	o.SetAnnotations(map[string]string{key: value})
	s.must(live.Patch(s.t.Context(), o, client.MergeFrom(before)))
}
