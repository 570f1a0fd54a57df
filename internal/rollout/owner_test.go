package rollout

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestWhoElseOwnsAnImage(t *testing.T) {
	const (
		apps     = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{},"f:image":{}}}}}}}`
		appsArgs = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{},"f:args":{}}}}}}}`
		proxys   = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"proxy\"}":{"f:image":{}}}}}}}`
		inits    = `{"f:spec":{"f:template":{"f:spec":{"f:initContainers":{"k:{\"name\":\"app\"}":{"f:image":{}}}}}}}`
	)
	kustomized := map[string]string{"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
	released := map[string]string{"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop"}
	both := map[string]string{
		"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
		"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop",
	}
	instance := map[string]string{"argocd.argoproj.io/instance": "shop"}
	tracking := func(id string) map[string]string { return map[string]string{"argocd.argoproj.io/tracking-id": id} }
	ours := tracking("shop:apps/Deployment:shop/api")

	for sentence, test := range map[string]struct {
		manager, fields     string
		labels, annotations map[string]string
		want                string // empty for nobody
	}{
		"Flux's kustomize-controller":                     {"kustomize-controller", apps, nil, nil, "Flux (as kustomize-controller)"},
		"with the Kustomization that it is for":           {"kustomize-controller", apps, kustomized, nil, "Flux's Kustomization flux-system/apps"},
		"and not the release that it is in":               {"kustomize-controller", apps, both, nil, "Flux's Kustomization flux-system/apps"},
		"Flux's helm-controller":                          {"helm-controller", apps, both, nil, "Flux's HelmRelease shop/api"},
		"and not the Kustomization that it is not for":    {"helm-controller", apps, kustomized, nil, "Flux (as helm-controller)"},
		"who applies as Flux":                             {"flux-client-side-apply", apps, nil, nil, "Flux (as flux-client-side-apply)"},
		"Argo CD that applies on the server":              {"argocd-controller", apps, nil, nil, "Argo CD (as argocd-controller)"},
		"Argo CD that applies on its own side":            {"argocd-application-controller", apps, nil, ours, "Argo CD's Application shop"},
		"Argo CD that is called otherwise":                {"argocd", apps, instance, nil, "Argo CD's Application shop"},
		"Argo CD that applies as kubectl":                 {"kubectl-client-side-apply", apps, nil, ours, "Argo CD's Application shop"},
		"of a field that it owns, whatever labels say":    {"argocd-controller", apps, kustomized, nil, "Argo CD (as argocd-controller)"},
		"nobody of another field of the container":        {"kustomize-controller", appsArgs, nil, nil, ""},
		"nobody of another container's image":             {"kustomize-controller", proxys, nil, nil, ""},
		"nobody of an init container of that name":        {"kustomize-controller", inits, nil, nil, ""},
		"nobody where a person does":                      {"kubectl-edit", apps, nil, nil, ""},
		"nobody where a person overruled Flux":            {"kubectl-edit", apps, kustomized, nil, ""},
		"nobody where a person applies and Flux labels":   {"kubectl-client-side-apply", apps, kustomized, nil, ""},
		"whom Respin took it from":                        {"respin", apps, kustomized, nil, "Flux's Kustomization flux-system/apps"},
		"nobody whom Respin took it from":                 {"respin", apps, nil, nil, ""},
		"by labels, where fields cannot be read":          {"kustomize-controller", `{"f:spec":3`, kustomized, nil, "Flux's Kustomization flux-system/apps"},
		"by labels alone, Flux's Kustomization":           {"", "", kustomized, nil, "Flux's Kustomization flux-system/apps"},
		"by labels alone, Flux's release":                 {"", "", released, nil, "Flux's HelmRelease shop/api"},
		"by labels alone, the release before the other":   {"", "", both, nil, "Flux's HelmRelease shop/api"},
		"by a label alone, without a namespace":           {"", "", map[string]string{"kustomize.toolkit.fluxcd.io/name": "apps"}, nil, "Flux's Kustomization apps"},
		"by a label alone, Argo CD's":                     {"", "", instance, nil, "Argo CD's Application shop"},
		"by an annotation alone, Argo CD's":               {"", "", nil, ours, "Argo CD's Application shop"},
		"by an annotation, of an Application in the open": {"", "", nil, tracking("team_shop:apps/Deployment:shop/api"), "Argo CD's Application team/shop"},
		"nobody by an annotation of another object":       {"", "", nil, tracking("shop:apps/Deployment:shop/other"), ""},
		"nobody by an annotation of another kind":         {"", "", nil, tracking("shop:apps/StatefulSet:shop/api"), ""},
		"nobody by an annotation that says nothing":       {"", "", nil, tracking("shop"), ""},
		"nobody by a label that everybody uses":           {"", "", map[string]string{"app.kubernetes.io/instance": "shop"}, nil, ""},
		"nobody by no label":                              {"", "", nil, nil, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := owning(test.manager, metav1.ManagedFieldsOperationApply, test.fields)
			if test.manager == "" {
				w.Object.SetManagedFields(nil)
			}
			w.Object.SetLabels(test.labels)
			w.Object.SetAnnotations(test.annotations)
			owner, ok := ImageOwner(w, []ContainerImage{{Name: "none"}, {Name: "app"}})
			if ok != (test.want != "") || owner.String() != test.want {
				t.Errorf("it is %q, %v, want %q", owner, ok, test.want)
			}
		})
	}
}

func TestAnImageThatIsUpdatedOrAnInitContainersIsOwnedToo(t *testing.T) {
	const inits = `{"f:spec":{"f:template":{"f:spec":{"f:initContainers":{"k:{\"name\":\"init\"}":{"f:image":{}}}}}}}`
	w := owning("argocd-controller", metav1.ManagedFieldsOperationUpdate, inits)
	want := Owner{Manager: "argocd-controller", Tool: "Argo CD"}
	if owner, ok := ImageOwner(w, []ContainerImage{{Name: "init", Init: true}}); !ok || owner != want {
		t.Errorf("the owner is %+v, %v, want %+v", owner, ok, want)
	}
	w.Object.SetManagedFields([]metav1.ManagedFieldsEntry{
		{Manager: respinv1alpha1.FieldManager, FieldsV1: metav1.NewFieldsV1(inits)},
		{Manager: "kustomize-controller", Subresource: "status", FieldsV1: metav1.NewFieldsV1(inits)},
	})
	if owner, ok := ImageOwner(w, []ContainerImage{{Name: "init", Init: true}}); ok {
		t.Errorf("the owner of a status is taken for the image's: %+v", owner)
	}
}
