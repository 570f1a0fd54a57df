//go:build e2e

package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
)

// One policy keeps workloads of every kind on a base that moves.
func TestWorkloadsOfEveryKindFollowTheirBase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	web, agent, setup := w.App("web", base), w.App("agent", base), w.App("setup", base)
	deployment := cluster.Deployment("web", web.Reference, cluster.WithInit("setup", setup.Reference, "cat", "/version"))
	statefulSet, daemonSet := cluster.StatefulSet("store", web.Reference), cluster.DaemonSet("agent", agent.Reference)
	workloads := []client.Object{deployment, statefulSet, daemonSet}
	policy := newPolicy("all", rebuild(web), rebuild(agent), rebuild(setup))
	w.current(policy, workloads...)
	w.Says(deployment, cluster.Container, "one")
	templates := templatesOf(workloads)
	generations := generationsOf(workloads)

	base.Move("two")
	w.check(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
	w.RolledOut(workloads...)

	for i, workload := range workloads {
		w.Says(workload, cluster.Container, "two")
		onlyImagesChanged(t, workload, templates[i])
		if rose := workload.GetGeneration() - generations[i]; workload != client.Object(deployment) && rose != 1 {
			t.Errorf("the template of %s was changed %d times", workload.GetName(), rose)
		}
	}
	w.Says(deployment, "setup", "two")
	w.isPatched(deployment, web, base)
	w.isPatched(statefulSet, web, base)
	w.isPatched(daemonSet, agent, base)
	w.isOnBase(deployment.Spec.Template.Spec.InitContainers[0].Image, setup, base)
	ownsOnlyImages(t, deployment, "initContainers/setup", "containers/app")
	ownsOnlyImages(t, statefulSet, "containers/app")
	ownsOnlyImages(t, daemonSet, "containers/app")
	if runs := w.runs(); len(runs) != 3 {
		t.Errorf("there are %d runs for 3 images", len(runs))
	}
	if s := *policy.Status.Summary; s.Images != 3 || s.Current != 3 {
		t.Errorf("3 images are current, and the policy counts %+v", s)
	}
	w.comesBackPatched(deployment, "two")
}

// comesBackPatched deletes a workload's pods and expects new ones that say the same.
func (w *world) comesBackPatched(workload client.Object, version string) {
	w.t.Helper()
	for _, pod := range w.Pods(workload) {
		w.Remove(&pod)
	}
	w.RolledOut(workload)
	w.Says(workload, cluster.Container, version)
}

func templatesOf(workloads []client.Object) []*corev1.PodTemplateSpec {
	var templates []*corev1.PodTemplateSpec
	for _, workload := range workloads {
		templates = append(templates, cluster.Template(workload).DeepCopy())
	}
	return templates
}

func generationsOf(workloads []client.Object) []int64 {
	var generations []int64
	for _, workload := range workloads {
		generations = append(generations, workload.GetGeneration())
	}
	return generations
}

// onlyImagesChanged expects a workload's template to be what it was before but for images.
func onlyImagesChanged(t testing.TB, workload client.Object, before *corev1.PodTemplateSpec) {
	t.Helper()
	after := cluster.Template(workload).DeepCopy()
	for i := range after.Spec.Containers {
		after.Spec.Containers[i].Image = before.Spec.Containers[i].Image
	}
	for i := range after.Spec.InitContainers {
		after.Spec.InitContainers[i].Image = before.Spec.InitContainers[i].Image
	}
	if !equality.Semantic.DeepEqual(before, after) {
		t.Errorf("more than images changed in %s:\n%+v\n%+v", workload.GetName(), before, after)
	}
}
