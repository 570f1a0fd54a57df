package rollout

import (
	"cmp"
	"slices"
	"strings"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// The GitOps controllers that are known.
const (
	toolFlux   = "Flux"
	toolArgoCD = "Argo CD"
)

// Owner is a GitOps controller that sets the images of a workload, as they are in Git.
type Owner struct {
	// Manager is the field manager as which it owns the image; empty where only labels tell of it.
	Manager string
	// Tool is the controller as people call it: Flux or Argo CD.
	Tool string
	// What is the object through which it does so, such as "Kustomization flux-system/apps"; empty where none is named.
	What string
}

// String is the owner in words that fit into a sentence, such as "Flux's Kustomization flux-system/apps".
func (o Owner) String() string {
	switch {
	case o.What != "":
		return o.Tool + "'s " + o.What
	case o.Manager != "":
		return o.Tool + " (as " + o.Manager + ")"
	}
	return o.Tool
}

// ImageOwner finds the GitOps controller that sets the image of any of these containers; ok is false where none does.
// Managed fields tell it for certain. Labels and annotations decide where no manager is known, as for objects from the
// cache, and where the owner is Respin, which took the image from whoever had it. They do not where somebody else owns
// the image: then Git leaves it to them, or they have just overruled it.
//
// That it sets the image does not say that it would take another one back: it may have been told to leave it alone.
func ImageOwner(w Workload, images []ContainerImage) (owner Owner, ok bool) {
	managers, tracked := imageManagers(w, images), trackedBy(w)
	for _, manager := range managers {
		if tool := toolOf(manager); tool != "" {
			return Owner{Manager: manager, Tool: tool, What: whatOf(manager, tool, tracked)}, true
		}
	}
	at := slices.IndexFunc(tracked, func(o Owner) bool { return o.mayBe(managers) })
	if at < 0 {
		return Owner{}, false
	}
	return tracked[at], true
}

// mayBe tells whether an owner that labels tell of may be behind the managers of an image, none of which is known to be
// a GitOps controller's. Argo CD may apply as kubectl does.
func (o Owner) mayBe(managers []string) bool {
	return len(managers) == 0 || slices.Contains(managers, respinv1alpha1.FieldManager) ||
		o.Tool == toolArgoCD && slices.Contains(managers, "kubectl-client-side-apply")
}

// toolOf is the GitOps controller behind a field manager, empty if there is none. Argo CD's is argocd-controller, and
// where it was not set the name of the process, which is not the same everywhere. What people apply as
// flux-client-side-apply they want to be taken for Flux's.
func toolOf(manager string) string {
	switch manager {
	case "kustomize-controller", "helm-controller", "flux-client-side-apply":
		return toolFlux
	}
	if strings.HasPrefix(manager, "argocd") {
		return toolArgoCD
	}
	return ""
}

// whatOf is what a workload's labels name as the object through which a manager sets the image. Flux has a controller
// of its own for each kind.
func whatOf(manager, tool string, tracked []Owner) string {
	for _, o := range tracked {
		ofRelease := strings.HasPrefix(o.What, kindHelmRelease)
		if o.Tool == tool && (tool != toolFlux || ofRelease == (manager == "helm-controller")) {
			return o.What
		}
	}
	return ""
}

// imageManagers are the managers that own the image of any of the containers.
func imageManagers(w Workload, images []ContainerImage) []string {
	var managers []string
	for _, entry := range w.Object.GetManagedFields() {
		fields := fieldsOf(entry)
		if slices.ContainsFunc(images, func(i ContainerImage) bool { return fields.Has(imagePath(w.Kind, i.list(), i.Name)) }) {
			managers = append(managers, entry.Manager)
		}
	}
	return managers
}

const kindHelmRelease = "HelmRelease"

// trackedBy are the controllers that have marked a workload as theirs.
func trackedBy(w Workload) []Owner {
	labels := w.Object.GetLabels()
	var owners []Owner
	for _, flux := range []struct{ kind, prefix string }{
		{kindHelmRelease, "helm.toolkit.fluxcd.io/"}, {"Kustomization", "kustomize.toolkit.fluxcd.io/"},
	} {
		if name := labels[flux.prefix+"name"]; name != "" {
			owners = append(owners, Owner{Tool: toolFlux, What: flux.kind + " " + within(labels[flux.prefix+"namespace"], name)})
		}
	}
	if name := cmp.Or(application(w), labels["argocd.argoproj.io/instance"]); name != "" {
		// One outside of Argo CD's own namespace is written namespace_name.
		owners = append(owners, Owner{Tool: toolArgoCD, What: "Application " + strings.Replace(name, "_", "/", 1)})
	}
	return owners
}

func within(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// application is the Application that Argo CD's annotation names, as in shop:apps/Deployment:payments/api. One that tells
// of another object was copied along with whatever it was on, and Argo CD does not go by it either.
func application(w Workload) string {
	id := strings.Split(w.Object.GetAnnotations()["argocd.argoproj.io/tracking-id"], ":")
	if len(id) != 3 || !strings.HasSuffix(id[1], "/"+string(w.Kind)) ||
		id[2] != within(w.Object.GetNamespace(), w.Object.GetName()) {
		return ""
	}
	return id[0]
}
