//go:build integration

package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// scenario is a namespace with a policy and deployments whose base has moved. There are no Kubernetes controllers and
// no nodes: the scenario plays their parts between the operator's steps.
type scenario struct {
	t       *testing.T
	ns      string
	shelf   shelf
	kubelet kubelet
	policy  types.NamespacedName
	oldBase string
	newBase string
}

func newScenario(t *testing.T, kubelet kubelet, deployments ...string) *scenario {
	t.Helper()
	s := &scenario{t: t, ns: namespace(t), shelf: newShelf(t), kubelet: kubelet}
	s.oldBase = s.shelf.moveBase()
	for _, name := range deployments {
		s.deploy(name, s.shelf.app("shop/"+name))
	}
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(*respinv1alpha1.PatchPolicy) {})
	s.play()
	return s
}

// keep creates the scenario's policy.
func (s *scenario) keep(name string, change func(*respinv1alpha1.PatchPolicy)) {
	s.t.Helper()
	policy := &respinv1alpha1.PatchPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: name},
		Spec: respinv1alpha1.PatchPolicySpec{Settle: new(metav1.Duration), Images: []respinv1alpha1.ImageRule{{
			Base:   &respinv1alpha1.BaseImage{Image: s.shelf.base()},
			Method: respinv1alpha1.MethodRebuild,
			Build:  &respinv1alpha1.BuildSpec{DockerfileInline: "FROM " + s.shelf.base()},
		}}},
	}
	policy.Spec.Rollout.BakeTime = new(metav1.Duration)
	change(policy)
	s.must(live.Create(s.t.Context(), policy))
	s.policy = client.ObjectKeyFromObject(policy)
}

func (s *scenario) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// deploy creates a deployment with a container for each image.
func (s *scenario) deploy(name string, images ...string) {
	s.t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: name},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}},
		},
	}
	for i, image := range images {
		d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{Name: fmt.Sprintf("app%d", i), Image: image})
	}
	s.must(live.Create(s.t.Context(), d, client.FieldOwner("kubectl")))
}

// play plays the deployment controller and the kubelet, for every deployment, to the end.
func (s *scenario) play() {
	s.t.Helper()
	var deployments appsv1.DeploymentList
	s.must(live.List(s.t.Context(), &deployments, client.InNamespace(s.ns)))
	for i := range deployments.Items {
		d := &deployments.Items[i]
		if d.Status.ObservedGeneration == d.Generation {
			continue
		}
		ready := s.replacePods(d)
		d.Status.ObservedGeneration, d.Status.Replicas, d.Status.UpdatedReplicas = d.Generation, 1, 1
		d.Status.AvailableReplicas, d.Status.ReadyReplicas = ready, ready
		if err := live.Status().Update(s.t.Context(), d); !apierrors.IsConflict(err) { // else it is looked at once more
			s.must(err)
		}
	}
}

// replacePods has one pod of the deployment's template run, and returns how many are ready.
func (s *scenario) replacePods(d *appsv1.Deployment) int32 {
	s.t.Helper()
	s.must(live.DeleteAllOf(s.t.Context(), &corev1.Pod{}, client.InNamespace(s.ns), client.MatchingLabels{"app": d.Name}, client.GracePeriodSeconds(0)))
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, GenerateName: d.Name + "-", Labels: d.Spec.Template.Labels},
		Spec:       d.Spec.Template.Spec,
	}
	s.must(live.Create(s.t.Context(), pod))
	ready := int32(1)
	for _, c := range pod.Spec.Containers {
		state, ok := s.kubelet(c.Image)
		if !ok {
			ready = 0
		}
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: s.imageID(c.Image), Ready: ok, State: state,
		})
	}
	s.must(live.Status().Update(s.t.Context(), pod))
	return ready
}

// imageID is the kubelet's word for what a reference stands for.
func (s *scenario) imageID(reference string) string {
	if strings.Contains(reference, "@") || !strings.HasPrefix(reference, s.shelf.host) {
		return reference
	}
	head, err := remote.Head(parse(s.t, reference))
	s.must(err)
	return parse(s.t, reference).Context().String() + "@" + head.Digest.String()
}

// run works with an operator until there is nothing left to do, or until it dies; it tells whether it lives.
func (s *scenario) run(o *operator) (alive bool) {
	s.t.Helper()
	defer o.stop()
	for range 100 {
		before := s.versions()
		s.step(o)
		switch {
		case o.life.dead():
			return false
		case s.versions() == before:
			return true
		}
	}
	s.t.Fatalf("it does not come to an end: %s", s.tell())
	return false
}

// step has both controllers look at everything once, and then the cluster at what they did.
func (s *scenario) step(o *operator) {
	s.t.Helper()
	s.tolerate(o, reconcile(s, o.policies, s.policy))
	for _, run := range s.runs() {
		s.tolerate(o, reconcile(s, o.runs, client.ObjectKeyFromObject(&run)))
	}
	for !o.life.dead() && s.building() {
		select {
		case changed := <-o.runs.Builds.Changed:
			s.tolerate(o, reconcile(s, o.runs, client.ObjectKeyFromObject(changed.Object)))
		case <-time.After(30 * time.Second):
			s.t.Fatalf("the build does not end: %s", s.tell())
		}
	}
	s.play()
}

type reconciler interface {
	Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error)
}

func reconcile(s *scenario, r reconciler, key types.NamespacedName) error {
	_, err := r.Reconcile(s.t.Context(), ctrl.Request{NamespacedName: key})
	return err
}

// tolerate takes an error of an operator that has died.
func (s *scenario) tolerate(o *operator, err error) {
	s.t.Helper()
	if err != nil && !o.life.dead() {
		s.t.Fatalf("an operator that lives has the error %v", err)
	}
}

func (s *scenario) runs() []respinv1alpha1.PatchRun {
	s.t.Helper()
	var list respinv1alpha1.PatchRunList
	s.must(live.List(s.t.Context(), &list, client.InNamespace(s.ns)))
	return list.Items
}

func (s *scenario) onlyRun() *respinv1alpha1.PatchRun {
	s.t.Helper()
	runs := s.runs()
	if len(runs) != 1 {
		s.t.Fatalf("there are %d runs, want one: %s", len(runs), s.tell())
	}
	return &runs[0]
}

func (s *scenario) building() bool {
	for _, run := range s.runs() {
		if run.Status.Phase == respinv1alpha1.PhaseBuilding && run.Status.Reason == respinv1alpha1.ReasonBuilding {
			return true
		}
	}
	return false
}

func (s *scenario) thePolicy() *respinv1alpha1.PatchPolicy {
	s.t.Helper()
	var policy respinv1alpha1.PatchPolicy
	if err := live.Get(s.t.Context(), s.policy, &policy); !apierrors.IsNotFound(err) {
		s.must(err)
	}
	return &policy
}

func (s *scenario) deployment(name string) *appsv1.Deployment {
	s.t.Helper()
	var d appsv1.Deployment
	s.must(live.Get(s.t.Context(), types.NamespacedName{Namespace: s.ns, Name: name}, &d))
	return &d
}

// versions change whenever any of the scenario's objects does.
func (s *scenario) versions() string {
	s.t.Helper()
	versions := s.thePolicy().ResourceVersion
	for _, run := range s.runs() {
		versions += " " + run.Name + run.ResourceVersion
	}
	var deployments appsv1.DeploymentList
	s.must(live.List(s.t.Context(), &deployments, client.InNamespace(s.ns)))
	for _, d := range deployments.Items {
		versions += " " + d.Name + d.ResourceVersion
	}
	return versions
}

// tell is what a person would see.
func (s *scenario) tell() string {
	s.t.Helper()
	words := fmt.Sprintf("policy %+v", s.thePolicy().Status.Conditions)
	for _, run := range s.runs() {
		words += fmt.Sprintf("\nrun %s: %s %s %s %+v", run.Name, run.Status.Phase, run.Status.Reason, plan.Outcome(&run), run.Status.Workloads)
	}
	return words
}

func (s *scenario) expectState(state respinv1alpha1.ImageState, reason string) {
	s.t.Helper()
	for _, image := range s.thePolicy().Status.Images {
		if image.State != state || image.Reason != reason {
			s.t.Errorf("%s is %s, %s: %s; want %s, %s", image.Repository, image.State, image.Reason, image.Message, state, reason)
		}
	}
	if len(s.thePolicy().Status.Images) == 0 {
		s.t.Error("the policy tells of no image")
	}
}

func (s *scenario) expectRun(run *respinv1alpha1.PatchRun, phase respinv1alpha1.RunPhase, reason string) {
	s.t.Helper()
	if run.Status.Phase != phase || run.Status.Reason != reason || len(run.Finalizers) != 0 {
		s.t.Errorf("the run is %s, %s with the finalizers %v; want %s, %s and none: %s",
			run.Status.Phase, run.Status.Reason, run.Finalizers, phase, reason, s.tell())
	}
}
