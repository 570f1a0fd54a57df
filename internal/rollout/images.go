package rollout

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// ContainerImage is an image for one container of a pod template.
type ContainerImage struct {
	Name  string
	Init  bool
	Image string
}

// SetImages gives containers of a workload's template their images by server-side apply, as Respin's own field
// manager and with no other field in the request. The request carries the UID and the resourceVersion that w was
// read with: a workload that was made anew, or changed meanwhile, is answered with a conflict and left as it is.
func SetImages(ctx context.Context, writer client.Writer, w Workload, images []ContainerImage) error {
	apply := client.ApplyConfigurationFromUnstructured(imagesOf(w, images))
	err := writer.Apply(ctx, apply, client.FieldOwner(respinv1alpha1.FieldManager), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("setting the image of %s: %w", w, err)
	}
	return nil
}

func imagesOf(w Workload, images []ContainerImage) *unstructured.Unstructured {
	podSpec := map[string]any{}
	for _, image := range images {
		list := "containers"
		if image.Init {
			list = "initContainers"
		}
		entries, _ := podSpec[list].([]any)
		podSpec[list] = append(entries, map[string]any{"name": image.Name, "image": image.Image})
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1",
		"kind":       string(w.Kind),
		"metadata": map[string]any{
			"name":            w.Object.GetName(),
			"namespace":       w.Object.GetNamespace(),
			"uid":             string(w.Object.GetUID()),
			"resourceVersion": w.Object.GetResourceVersion(),
		},
		"spec": map[string]any{"template": map[string]any{"spec": podSpec}},
	}}
}
