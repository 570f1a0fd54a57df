package restart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// operation is one of a JSON patch.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// ReplaceImages gives containers of a pod other images in place, and writes into its annotations what was done, in one
// request that is refused unless the pod is the same one and the containers have the images that are replaced. Done is
// false where it is not so: nothing was changed, and whoever asks has to look at the pod again.
func ReplaceImages(ctx context.Context, writer client.Writer, pod *corev1.Pod, replacements []Replacement) (done bool, err error) {
	patch, err := json.Marshal(operations(pod, replacements))
	if err != nil {
		return false, fmt.Errorf("writing down how images of pod %s/%s are replaced: %w", pod.Namespace, pod.Name, err)
	}
	target := &corev1.Pod{}
	target.Namespace, target.Name = pod.Namespace, pod.Name
	err = writer.Patch(ctx, target, client.RawPatch(types.JSONPatchType, patch))
	if changed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("replacing images of pod %s/%s in place: %w", pod.Namespace, pod.Name, err)
	}
	return true, nil
}

func operations(pod *corev1.Pod, replacements []Replacement) []operation {
	ops := []operation{{"test", "/metadata/uid", pod.UID}}
	records := Records(pod)
	for _, r := range replacements {
		at := imagePath(pod, r)
		ops = append(ops, operation{"test", at, r.From}, operation{"replace", at, r.To})
		records[r.Container] = Record{
			From: r.From, Run: r.Run, Restarts: r.Restarts, ImageID: r.ImageID,
			Reason: r.Reason, ExitCode: r.ExitCode, Looping: r.Looping,
		}
	}
	return append(ops, annotate(pod, records, patchedBy(pod, replacements))...)
}

// imagePath is where a container's image is in its pod. Containers keep their places for as long as a pod lives; the
// path of one that is not there is refused.
func imagePath(pod *corev1.Pod, r Replacement) string {
	list, in := "containers", pod.Spec.Containers
	if r.Init {
		list, in = "initContainers", pod.Spec.InitContainers
	}
	at := slices.IndexFunc(in, func(c corev1.Container) bool { return c.Name == r.Container })
	return fmt.Sprintf("/spec/%s/%d/image", list, at)
}

// patchedBy names the runs whose images the pod has after the replacements.
func patchedBy(pod *corev1.Pod, replacements []Replacement) string {
	var runs []string
	before := strings.Split(pod.Annotations[respinv1alpha1.AnnotationPatchedBy], ",")
	for _, r := range replacements {
		if r.Back {
			before = slices.DeleteFunc(before, func(run string) bool { return run == r.Run })
		} else {
			runs = append(runs, r.Run)
		}
	}
	if len(runs) == 0 {
		runs = before
	}
	return together(runs)
}

// annotate writes our annotations. A pod without any has no place for them yet, and is then to be still without any.
func annotate(pod *corev1.Pod, records map[string]Record, runs string) []operation {
	text, err := json.Marshal(records)
	if err != nil {
		panic(err) // strings, numbers and truths are always JSON
	}
	const at = "/metadata/annotations"
	replaced, by := respinv1alpha1.AnnotationReplaced, respinv1alpha1.AnnotationPatchedBy
	if pod.Annotations == nil {
		all := map[string]string{replaced: string(text)}
		if runs != "" {
			all[by] = runs
		}
		return []operation{{"test", at, json.RawMessage("null")}, {"add", at, all}}
	}
	ops := []operation{{"add", at + "/" + escape(replaced), string(text)}}
	_, had := pod.Annotations[by]
	switch {
	case runs != "":
		ops = append(ops, operation{"add", at + "/" + escape(by), runs})
	case had:
		ops = append(ops, operation{"remove", at + "/" + escape(by), nil})
	}
	return ops
}

// escape writes a key as a part of a JSON pointer.
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// changed tells whether a patch was refused because the pod is not what it was made for.
func changed(err error) bool {
	return apierrors.IsNotFound(err) || apierrors.IsConflict(err) || testFailed(err)
}

// testFailed tells whether the API server could not apply a JSON patch. What it could apply and finds invalid it names
// with its kind.
func testFailed(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || details.Kind == ""
}
