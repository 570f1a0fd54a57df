//go:build integration

package integration

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

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
	cluster client.WithWatch
	shelf   shelf
	kubelet kubelet
	clock   *clock
	// others act whenever the cluster does: people, and what else is there.
	others []func()
	// acts counts what they do that nothing else shows.
	acts    int
	policy  types.NamespacedName
	oldBase string
	newBase string
	// operators are those that have worked, and next is in how long the one that works asks to be called again; 0 if it
	// does not.
	operators []*operator
	next      time.Duration
}

// bare is a scenario with a base alone.
func bare(t *testing.T, kubelet kubelet) *scenario {
	t.Helper()
	s := &scenario{t: t, ns: namespace(t), shelf: newShelf(t), kubelet: kubelet, clock: &clock{}}
	s.cluster = reading(s.ns)
	s.oldBase = s.shelf.moveBase()
	return s
}

func newScenario(t *testing.T, kubelet kubelet, deployments ...string) *scenario {
	t.Helper()
	s := bare(t, kubelet)
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
	s.deployed(name, func(*appsv1.Deployment) {}, images...)
}

// deployed is deploy with something else about the deployment.
func (s *scenario) deployed(name string, change func(*appsv1.Deployment), images ...string) {
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
	change(d)
	s.must(live.Create(s.t.Context(), d, client.FieldOwner("kubectl")))
}

// run works with an operator until there is nothing left to do now, or until it dies; it tells whether it lives. It does
// not work any more afterwards.
func (s *scenario) run(o *operator) (alive bool) {
	s.t.Helper()
	defer o.stop()
	return s.work(o)
}

// work is run for an operator that goes on afterwards.
func (s *scenario) work(o *operator) (alive bool) {
	s.t.Helper()
	before := s.versions()
	for range 200 {
		s.step(o)
		now := s.versions()
		switch {
		case o.life.dead():
			return false
		case now == before:
			return true
		}
		before = now
	}
	s.t.Fatalf("it does not come to an end: %s", s.tell())
	return false
}

// step has both controllers look at everything once, and then the cluster at what they did.
func (s *scenario) step(o *operator) {
	s.t.Helper()
	s.next = 0
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
	s.replaceCrashed(o)
	s.play()
}

type reconciler interface {
	Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error)
}

func reconcile(s *scenario, r reconciler, key types.NamespacedName) error {
	result, err := r.Reconcile(s.t.Context(), ctrl.Request{NamespacedName: key})
	if after := result.RequeueAfter; after > 0 && (s.next == 0 || after < s.next) {
		s.next = after
	}
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
	s.must(s.cluster.List(s.t.Context(), &list, client.InNamespace(s.ns)))
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
	if err := s.cluster.Get(s.t.Context(), s.policy, &policy); !apierrors.IsNotFound(err) {
		s.must(err)
	}
	return &policy
}

func (s *scenario) deployment(name string) *appsv1.Deployment {
	s.t.Helper()
	var d appsv1.Deployment
	s.must(s.cluster.Get(s.t.Context(), types.NamespacedName{Namespace: s.ns, Name: name}, &d))
	return &d
}

func (s *scenario) allDeployments() []appsv1.Deployment {
	s.t.Helper()
	var deployments appsv1.DeploymentList
	s.must(s.cluster.List(s.t.Context(), &deployments, client.InNamespace(s.ns)))
	return deployments.Items
}

// versions change whenever any of the scenario's objects does.
func (s *scenario) versions() string {
	s.t.Helper()
	versions := s.thePolicy().ResourceVersion + " " + strconv.Itoa(s.acts)
	for _, run := range s.runs() {
		versions += " " + run.Name + run.ResourceVersion
	}
	for _, d := range s.allDeployments() {
		versions += " " + d.Name + d.ResourceVersion
	}
	for _, pod := range s.pods("") {
		versions += " " + pod.Name + pod.ResourceVersion
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
