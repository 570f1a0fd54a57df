package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/hack/demo/internal/debian"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// prove checks that what Respin says is so, without asking Respin.
func (d *demo) prove(ctx context.Context) error {
	d.Chapter("The proof")
	proofs := []struct {
		title string
		prove func(context.Context, *screen.Task) error
	}{
		{"The Deployment's image is what the PatchRun pushed", d.proveDeployment},
		{"It was Respin that set it, says the API server", d.proveOwner},
		{"The image says that it stands on the base which the registry has now", d.proveBase},
		{"Every pod runs exactly that image", d.provePods},
		{"Every fix is inside every running pod, says dpkg there", d.provePackages},
		{"The policy says that all is current", d.waitUpToDate},
	}
	for _, p := range proofs {
		if err := d.Do(p.title, func(t *screen.Task) error { return p.prove(ctx, t) }); err != nil {
			return err
		}
	}
	d.Say("")
	d.Say("kubectl exec, before and after:")
	d.Quote(screen.Table(d.comparison()))
	return nil
}

func (d *demo) proveDeployment(ctx context.Context, t *screen.Task) error {
	deployment, err := d.deployment(ctx)
	if err != nil {
		return err
	}
	t.Result("%s", d.run.Status.Output.Image)
	return equal("the Deployment's image", deployment.Spec.Template.Spec.Containers[0].Image, d.run.Status.Output.Image)
}

// proveOwner reads in the Deployment's managed fields who has set the image.
func (d *demo) proveOwner(ctx context.Context, t *screen.Task) error {
	deployment, err := d.deployment(ctx)
	if err != nil {
		return err
	}
	set := slices.ContainsFunc(deployment.ManagedFields, func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == respinv1alpha1.FieldManager && strings.Contains(e.FieldsV1.GetRawString(), `"f:image":`)
	})
	t.Result("field manager %s", respinv1alpha1.FieldManager)
	return equal("that the image was set by "+respinv1alpha1.FieldManager, set, true)
}

func (d *demo) proveBase(ctx context.Context, t *screen.Task) error {
	current, err := d.digest(ctx, d.base)
	if err != nil {
		return err
	}
	annotations, err := d.annotations(ctx, d.run.Status.Output.Image)
	if err != nil {
		return err
	}
	t.Result("%s", short(current))
	return equal("the image's "+annotationBaseDigest, annotations[annotationBaseDigest], current)
}

func (d *demo) provePods(ctx context.Context, t *screen.Task) error {
	pods, err := d.pods(ctx)
	if err != nil {
		return err
	}
	for _, pod := range pods {
		if err := d.runsPatched(ctx, &pod); err != nil {
			return err
		}
	}
	deployment, err := d.deployment(ctx)
	if err != nil {
		return err
	}
	t.Result("%d pods", len(pods))
	return equal("the number of pods", int32(len(pods)), *deployment.Spec.Replicas)
}

// runsPatched is an error unless the pod was given the digest that was pushed, and its node runs that content. A node
// that has the same content from two pushes tells the digest of either.
func (d *demo) runsPatched(ctx context.Context, pod *corev1.Pod) error {
	if len(pod.Status.ContainerStatuses) == 0 {
		return fmt.Errorf("the pod %s runs nothing", pod.Name)
	}
	output := d.run.Status.Output
	if err := equal("the image of the pod "+pod.Name, pod.Spec.Containers[0].Image, output.Image); err != nil {
		return err
	}
	running := pod.Status.ContainerStatuses[0].ImageID
	if strings.HasSuffix(running, "@"+output.Digest) {
		return nil
	}
	want, err := d.content(ctx, output.Image)
	if err != nil {
		return err
	}
	got, err := d.content(ctx, running)
	if err != nil {
		return err
	}
	return equal("the content that runs in the pod "+pod.Name, got, want)
}

func (d *demo) provePackages(ctx context.Context, t *screen.Task) error {
	after, err := d.versions(ctx)
	if err != nil {
		return err
	}
	for pod, packages := range after {
		for _, name := range d.changed {
			if err := equal("the version of "+name+" in the pod "+pod, packages[name], d.fixed[name]); err != nil {
				return err
			}
		}
	}
	t.Result("%d packages", len(d.changed))
	d.after = after
	return nil
}

// versions asks dpkg inside each running pod.
func (d *demo) versions(ctx context.Context) (map[string]debian.Packages, error) {
	pods, err := d.pods(ctx)
	if err != nil {
		return nil, err
	}
	versions := map[string]debian.Packages{}
	for _, pod := range pods {
		list, err := d.kubectl(ctx, "exec", pod.Name, "--", "dpkg-query", "--show", "--showformat", `${Package} ${Version}\n`)
		if err != nil {
			return nil, err
		}
		versions[pod.Name] = debian.ParseList(list)
	}
	return versions, nil
}

// comparison is a table of the packages that changed, in one pod before and one after.
func (d *demo) comparison() [][]string {
	oldPod, newPod := anyOf(d.before), anyOf(d.after)
	rows := [][]string{{"PACKAGE", "BEFORE, IN " + oldPod, "AFTER, IN " + newPod}}
	for _, name := range d.changed {
		rows = append(rows, []string{name, d.before[oldPod][name], d.after[newPod][name]})
	}
	return rows
}

func anyOf(versions map[string]debian.Packages) string {
	for pod := range versions {
		return pod
	}
	return ""
}

func equal[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v and not %v", what, got, want)
	}
	return nil
}
