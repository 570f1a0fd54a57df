package main

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// survive deletes a pod, and proves that the one in its place has the fixes too.
func (d *demo) survive(ctx context.Context) error {
	d.Chapter("A pod dies")
	before, err := d.pods(ctx)
	if err != nil {
		return err
	}
	err = d.Do("Deleted the pod "+before[0].Name, func(*screen.Task) error { return d.Delete(ctx, &before[0]) })
	if err != nil {
		return err
	}
	var successor corev1.Pod
	err = d.Do("Another has come in its place", func(t *screen.Task) error {
		successor, err = d.newcomer(ctx, before)
		t.Result("%s", successor.Name)
		return err
	})
	if err != nil {
		return err
	}
	return d.Do("It came back patched", func(t *screen.Task) error {
		if err := d.runsPatched(ctx, &successor); err != nil {
			return err
		}
		return d.provePackages(ctx, t)
	})
}

// newcomer waits for a ready pod that was not there before.
func (d *demo) newcomer(ctx context.Context, before []corev1.Pod) (corev1.Pod, error) {
	var found corev1.Pod
	err := until(ctx, "another pod is ready", 2*time.Minute, func(ctx context.Context) (bool, error) {
		pods, err := d.pods(ctx)
		i := slices.IndexFunc(pods, func(pod corev1.Pod) bool {
			return ready(&pod) && !slices.ContainsFunc(before, func(b corev1.Pod) bool { return b.UID == pod.UID })
		})
		if i >= 0 {
			found = pods[i]
		}
		return i >= 0, err
	})
	return found, err
}

func ready(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}
