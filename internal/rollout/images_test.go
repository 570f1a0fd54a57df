package rollout

import (
	"encoding/json"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// owning is a workload of which a manager owns the image of a container.
func owning(manager string, operation metav1.ManagedFieldsOperationType, fields string) Workload {
	return fromDeployment(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "api", UID: types.UID("uid-1"), ResourceVersion: "42",
			Labels: map[string]string{"kept": "out"}, Annotations: map[string]string{"kept": "out"},
			ManagedFields: []metav1.ManagedFieldsEntry{{
				Manager: manager, Operation: operation, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
			}},
		},
		Spec: appsv1.DeploymentSpec{Replicas: new(int32(3)), Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "init", Image: "init:1"}},
			Containers:     []corev1.Container{{Name: "app", Image: "app:1"}, {Name: "proxy", Image: "proxy:1", Args: []string{"kept out"}}},
		}}},
	})
}

func TestWhatIsAppliedIsTheImagesAndNothingElse(t *testing.T) {
	const (
		metadata = `"metadata":{"name":"api","namespace":"shop","resourceVersion":"42","uid":"uid-1"}`
		proxys   = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"proxy\"}":{".":{},"f:name":{},"f:image":{}}}}}}}`
		inits    = `{"f:spec":{"f:template":{"f:spec":{"f:initContainers":{"k:{\"name\":\"init\"}":{"f:image":{}}}}}}}`
		apps     = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:image":{}},"k:{\"name\":\"gone\"}":{"f:image":{}}}}}}}`
		app2     = `{"image":"app:2","name":"app"}`
	)
	apply, update := metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	for sentence, test := range map[string]struct {
		workload Workload
		podSpec  string
	}{
		"the one that is asked for":                    {owning("kubectl", update, proxys), `{"containers":[` + app2 + `]}`},
		"one that Respin set before goes along":        {owning("respin", apply, proxys), `{"containers":[` + app2 + `,{"image":"proxy:1","name":"proxy"}]}`},
		"one of an init container too":                 {owning("respin", apply, inits), `{"containers":[` + app2 + `],"initContainers":[{"image":"init:1","name":"init"}]}`},
		"the new image goes before the one set before": {owning("respin", apply, apps), `{"containers":[` + app2 + `]}`},
		"what another manager applied is not ours":     {owning("argocd", apply, proxys), `{"containers":[` + app2 + `]}`},
		"nor what was not applied":                     {owning("respin", update, proxys), `{"containers":[` + app2 + `]}`},
		"what cannot be read is not ours":              {owning("respin", apply, `{"f:spec":3`), `{"containers":[` + app2 + `]}`},
	} {
		t.Run(sentence, func(t *testing.T) {
			images := []ContainerImage{{Name: "app", Image: "app:2"}}
			raw, err := json.Marshal(imagesOf(test.workload, withOwned(test.workload, images)))
			if err != nil {
				t.Fatal(err)
			}
			want := `{"apiVersion":"apps/v1","kind":"Deployment",` + metadata + `,"spec":{"template":{"spec":` + test.podSpec + `}}}`
			if string(raw) != want {
				t.Errorf("applied is\n%s, want\n%s", raw, want)
			}
		})
	}
}

func TestAnInitContainersImageIsAppliedToItsOwnList(t *testing.T) {
	w := owning("kubectl", metav1.ManagedFieldsOperationUpdate, "{}")
	w.Kind = respinv1alpha1.KindStatefulSet
	raw, err := json.Marshal(imagesOf(w, []ContainerImage{{Name: "init", Init: true, Image: "init:2"}}).Object["spec"])
	if want := `{"template":{"spec":{"initContainers":[{"image":"init:2","name":"init"}]}}}`; err != nil || string(raw) != want {
		t.Errorf("applied is %s, %v, want %s", raw, err, want)
	}
}
