package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// clean undoes the demo, and says what it leaves.
func (d *demo) clean(ctx context.Context) error {
	there, err := d.exists(ctx)
	if err != nil {
		return err
	}
	if there {
		title := "Deleted the namespace " + d.namespace
		if err := d.Do(title, func(t *screen.Task) error { return d.removeNamespace(ctx, t) }); err != nil {
			return err
		}
	} else {
		d.Say("There is no namespace %s.", d.namespace)
	}
	d.Say("Left as they are:")
	d.Plain(screen.Table([][]string{
		{"   the operator", "make undeploy removes it"},
		{"   images in " + d.registry + "/demo", "the local registry goes with make cluster-down"},
		{"   " + cache, "the Debian file systems, for the next demo; delete the folder if you like"},
	}))
	return nil
}

func (d *demo) exists(ctx context.Context) (bool, error) {
	err := d.Get(ctx, client.ObjectKey{Name: d.namespace}, &corev1.Namespace{})
	return err == nil, client.IgnoreNotFound(err)
}

func (d *demo) removeNamespace(ctx context.Context, t *screen.Task) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: d.namespace}}
	if err := d.Delete(ctx, namespace); client.IgnoreNotFound(err) != nil {
		return err
	}
	err := until(ctx, "the namespace is gone", 3*time.Minute, func(ctx context.Context) (bool, error) {
		var n corev1.Namespace
		err := d.Get(ctx, client.ObjectKeyFromObject(namespace), &n)
		for _, c := range n.Status.Conditions {
			if c.Status == corev1.ConditionTrue {
				t.Detail("%s", c.Message)
			}
		}
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("%w\nA PatchRun that has begun a rollout is ended by the operator: is it running? \"make deploy\" starts it", err)
	}
	return nil
}
