//go:build integration

package integration

import (
	"encoding/json"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// deployment is a workload with two containers and an init container, as kubectl creates one.
func deployment(t *testing.T, ns, name string) *appsv1.Deployment {
	t.Helper()
	labels := map[string]string{"app": name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					InitContainers: []corev1.Container{{Name: "init", Image: "example.com/init:1"}},
					Containers: []corev1.Container{
						{Name: "app", Image: "example.com/app:1", Command: []string{"/app", "serve"}},
						{Name: "proxy", Image: "example.com/proxy:1"},
					},
				},
			},
		},
	}
	if err := live.Create(t.Context(), d, client.FieldOwner("kubectl")); err != nil {
		t.Fatalf("creating the deployment: %v", err)
	}
	return d
}

// read is a deployment as Respin reads it right before it changes it.
func read(t *testing.T, of client.Object) rollout.Workload {
	t.Helper()
	w, err := rollout.Get(t.Context(), live, respinv1alpha1.KindDeployment, client.ObjectKeyFromObject(of))
	if err != nil {
		t.Fatalf("reading the deployment: %v", err)
	}
	return w
}

func images(w rollout.Workload) map[string]string {
	found := map[string]string{}
	for _, c := range append(w.Template.Spec.InitContainers, w.Template.Spec.Containers...) {
		found[c.Name] = c.Image
	}
	return found
}

func expectImages(t *testing.T, of client.Object, wanted map[string]string) {
	t.Helper()
	found := images(read(t, of))
	for name, image := range wanted {
		if found[name] != image {
			t.Errorf("container %s has image %q, want %q", name, found[name], image)
		}
	}
}

func TestSettingAnImageTouchesAndOwnsTheImageFieldAlone(t *testing.T) {
	d := deployment(t, namespace(t), "api")
	before := read(t, d)

	err := rollout.SetImages(t.Context(), live, before, []rollout.ContainerImage{{Name: "app", Image: "example.com/app:2"}})
	if err != nil {
		t.Fatal(err)
	}

	after := read(t, d)
	before.Template.Spec.Containers[0].Image = "example.com/app:2"
	if was, is := asJSON(t, before.Template), asJSON(t, after.Template); was != is {
		t.Errorf("more than the image changed:\n%s\n%s", was, is)
	}
	const wanted = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}}}}}}`
	if owned := ownedBy(t, after, respinv1alpha1.FieldManager); owned != wanted {
		t.Errorf("respin owns\n%s, want\n%s", owned, wanted)
	}
}

func TestSettingTheImageOfAnotherContainerKeepsTheOneSetBefore(t *testing.T) {
	d := deployment(t, namespace(t), "api")
	for _, image := range []rollout.ContainerImage{
		{Name: "app", Image: "example.com/app:2"},
		{Name: "proxy", Image: "example.com/proxy:2"},
		{Name: "init", Init: true, Image: "example.com/init:2"},
	} {
		if err := rollout.SetImages(t.Context(), live, read(t, d), []rollout.ContainerImage{image}); err != nil {
			t.Fatalf("setting the image of %s: %v", image.Name, err)
		}
	}
	expectImages(t, d, map[string]string{
		"app": "example.com/app:2", "proxy": "example.com/proxy:2", "init": "example.com/init:2",
	})
}

func TestContainersKeepTheirOrder(t *testing.T) {
	d := deployment(t, namespace(t), "api")
	d.Spec.Template.Spec.InitContainers = append(d.Spec.Template.Spec.InitContainers,
		corev1.Container{Name: "second", Image: "example.com/second:1"}, corev1.Container{Name: "third", Image: "example.com/third:1"})
	if err := live.Update(t.Context(), d, client.FieldOwner("kubectl")); err != nil {
		t.Fatal(err)
	}
	order := func() (names []string) {
		spec := read(t, d).Template.Spec
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			names = append(names, c.Name)
		}
		return names
	}
	before := order()
	for _, images := range [][]rollout.ContainerImage{
		{{Name: "third", Init: true, Image: "example.com/third:2"}},
		{{Name: "proxy", Image: "example.com/proxy:2"}},
		{{Name: "init", Init: true, Image: "example.com/init:2"}},
		{{Name: "app", Image: "example.com/app:2"}},
		{{Name: "second", Init: true, Image: "example.com/second:2"}},
		{{Name: "third", Init: true, Image: "example.com/third:3"}, {Name: "init", Init: true, Image: "example.com/init:3"}},
	} {
		if err := rollout.SetImages(t.Context(), live, read(t, d), images); err != nil {
			t.Fatal(err)
		}
		if after := order(); !slices.Equal(after, before) {
			t.Errorf("setting %v, the order became %v", images, after)
		}
	}
}

func TestAnImageThatSomeoneElseSetSinceIsNotTakenBackWithAnother(t *testing.T) {
	d := deployment(t, namespace(t), "api")
	set(t, d, "app", "example.com/app:2")
	someone := read(t, d).Object.(*appsv1.Deployment)
	someone.Spec.Template.Spec.Containers[0].Image = "example.com/app:3"
	if err := live.Update(t.Context(), someone, client.FieldOwner("kubectl")); err != nil {
		t.Fatal(err)
	}

	set(t, d, "proxy", "example.com/proxy:2")

	expectImages(t, d, map[string]string{"app": "example.com/app:3", "proxy": "example.com/proxy:2"})
}

func TestAContainerThatSomeoneRemovedDoesNotComeBack(t *testing.T) {
	d := deployment(t, namespace(t), "api")
	set(t, d, "proxy", "example.com/proxy:2")
	someone := read(t, d).Object.(*appsv1.Deployment)
	someone.Spec.Template.Spec.Containers = someone.Spec.Template.Spec.Containers[:1]
	if err := live.Update(t.Context(), someone, client.FieldOwner("kubectl")); err != nil {
		t.Fatal(err)
	}

	set(t, d, "app", "example.com/app:2")

	if found := images(read(t, d)); len(found) != 2 || found["app"] != "example.com/app:2" {
		t.Errorf("the containers are %v, want init, and app with its new image", found)
	}
}

func set(t *testing.T, of client.Object, container, image string) {
	t.Helper()
	if err := rollout.SetImages(t.Context(), live, read(t, of), []rollout.ContainerImage{{Name: container, Image: image}}); err != nil {
		t.Fatalf("setting the image of %s: %v", container, err)
	}
}

func TestAWorkloadThatIsNotAsItWasReadIsLeftAsItIs(t *testing.T) {
	for sentence, change := range map[string]func(*testing.T, rollout.Workload) rollout.Workload{
		"one that was changed since": func(t *testing.T, w rollout.Workload) rollout.Workload {
			set(t, w.Object, "proxy", "example.com/proxy:2")
			return w
		},
		"one of the same name with another UID": func(_ *testing.T, w rollout.Workload) rollout.Workload {
			w.Object.SetUID(types.UID("00000000-0000-0000-0000-000000000000"))
			return w
		},
		"one that was deleted since": func(t *testing.T, w rollout.Workload) rollout.Workload {
			if err := live.Delete(t.Context(), w.Object.DeepCopyObject().(client.Object)); err != nil {
				t.Fatal(err)
			}
			return w
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := deployment(t, namespace(t), "api")
			w := change(t, read(t, d))
			err := rollout.SetImages(t.Context(), live, w, []rollout.ContainerImage{{Name: "app", Image: "example.com/app:2"}})
			if !apierrors.IsConflict(err) && !apierrors.IsInvalid(err) {
				t.Errorf("the answer is %v, want a refusal", err)
			}
			var left appsv1.Deployment
			err = live.Get(t.Context(), client.ObjectKeyFromObject(d), &left)
			if client.IgnoreNotFound(err) != nil || err == nil && left.Spec.Template.Spec.Containers[0].Image != "example.com/app:1" {
				t.Errorf("the workload was changed: %v, %v", left.Spec.Template.Spec.Containers, err)
			}
		})
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// ownedBy is what a field manager owns by server-side apply, in the API server's own form.
func ownedBy(t *testing.T, w rollout.Workload, manager string) string {
	t.Helper()
	for _, entry := range w.Object.GetManagedFields() {
		if entry.Manager == manager && entry.Operation == metav1.ManagedFieldsOperationApply {
			var fields any
			if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
				t.Fatal(err)
			}
			return asJSON(t, fields)
		}
	}
	t.Fatalf("%s owns nothing", manager)
	return ""
}
