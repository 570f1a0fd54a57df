package rollout

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// The lists of containers in a pod's spec.
const (
	listContainers = "containers"
	listInit       = "initContainers"
)

// ContainerImage is an image for one container of a pod template.
type ContainerImage struct {
	Name  string
	Init  bool
	Image string
}

// SetImages gives containers of a workload's template their images by server-side apply, as Respin's own field
// manager and with no other field in the request. The request carries the UID and the resourceVersion that w was
// read with: a workload that was made anew, or changed meanwhile, is refused and left as it is. W has to have been read
// with its managed fields, which the cache does not hold.
func SetImages(ctx context.Context, writer client.Writer, w Workload, images []ContainerImage) error {
	apply := client.ApplyConfigurationFromUnstructured(imagesOf(w, withOwned(w, images)))
	err := writer.Apply(ctx, apply, client.FieldOwner(respinv1alpha1.FieldManager), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("setting the image of %s: %w", w, err)
	}
	return nil
}

// withOwned adds the images that Respin set in other containers before and still owns, as they are: server-side apply
// deletes what its manager owned and no longer asks for. The order is the template's, since that of what is applied
// becomes the workload's: init containers would run in another one.
func withOwned(w Workload, images []ContainerImage) []ContainerImage {
	fields, spec := owned(w), w.Template.Spec
	return append(wanted(w.Kind, listInit, spec.InitContainers, images, fields),
		wanted(w.Kind, listContainers, spec.Containers, images, fields)...)
}

func wanted(kind respinv1alpha1.WorkloadKind, list string, containers []corev1.Container, images []ContainerImage,
	owned *fieldpath.Set) []ContainerImage {
	var all []ContainerImage
	for _, c := range containers {
		at := slices.IndexFunc(images, func(i ContainerImage) bool { return i.Name == c.Name && i.Init == (list == listInit) })
		switch {
		case at >= 0:
			all = append(all, images[at])
		case owned.Has(imagePath(kind, list, c.Name)):
			all = append(all, ContainerImage{Name: c.Name, Init: list == listInit, Image: c.Image})
		}
	}
	return all
}

// podSpecPath is where a kind has the spec of its pods.
func podSpecPath(kind respinv1alpha1.WorkloadKind) []string {
	if kind == respinv1alpha1.KindCronJob {
		return []string{"spec", "jobTemplate", "spec", "template", "spec"}
	}
	return []string{"spec", "template", "spec"}
}

// imagePath is where a kind has the image of a container.
func imagePath(kind respinv1alpha1.WorkloadKind, list, container string) fieldpath.Path {
	var path fieldpath.Path
	for _, field := range append(podSpecPath(kind), list) {
		path = append(path, fieldpath.PathElement{FieldName: &field})
	}
	return append(path, fieldpath.MakePathOrDie(fieldpath.KeyByFields("name", container), "image")...)
}

// owned are the fields of a workload that Respin owns.
func owned(w Workload) *fieldpath.Set {
	fields := fieldpath.NewSet()
	for _, entry := range w.Object.GetManagedFields() {
		if entry.Manager == respinv1alpha1.FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply {
			fields = fields.Union(fieldsOf(entry))
		}
	}
	return fields
}

// fieldsOf are the fields that a manager owns of the workload itself. What cannot be read is none of ours: we wrote no
// such thing.
func fieldsOf(entry metav1.ManagedFieldsEntry) *fieldpath.Set {
	fields := fieldpath.NewSet()
	if entry.Subresource != "" || entry.FieldsV1 == nil {
		return fields
	}
	if err := fields.FromJSON(entry.FieldsV1.GetRawReader()); err != nil {
		return fieldpath.NewSet()
	}
	return fields
}

// list is the list of containers that the image is in.
func (i ContainerImage) list() string {
	if i.Init {
		return listInit
	}
	return listContainers
}

func imagesOf(w Workload, images []ContainerImage) *unstructured.Unstructured {
	podSpec := map[string]any{}
	for _, image := range images {
		list := image.list()
		entries, _ := podSpec[list].([]any)
		podSpec[list] = append(entries, map[string]any{"name": image.Name, "image": image.Image})
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion(w.Kind),
		"kind":       string(w.Kind),
		"metadata": map[string]any{
			"name":            w.Object.GetName(),
			"namespace":       w.Object.GetNamespace(),
			"uid":             string(w.Object.GetUID()),
			"resourceVersion": w.Object.GetResourceVersion(),
		},
	}}
	if err := unstructured.SetNestedMap(object.Object, podSpec, podSpecPath(w.Kind)...); err != nil {
		panic(fmt.Sprintf("building the apply of %s: %v", w, err)) // nothing is there that could be in its way: a bug
	}
	return object
}

func apiVersion(kind respinv1alpha1.WorkloadKind) string {
	if kind == respinv1alpha1.KindCronJob {
		return "batch/v1"
	}
	return "apps/v1"
}
