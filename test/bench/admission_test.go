package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/respin-dev/respin/test/cluster"
)

const (
	podRate  = 200 // pods created a second
	podBatch = 100 // pods of a round in each namespace
)

// BenchmarkAdmission creates pods at a steady rate, in dry runs through the cluster's API server, in a namespace whose
// pods the webhook is asked about and in one that it does not know. The two take turns within each round. Whether an
// answer is late does not slow the next question down.
func BenchmarkAdmission(b *testing.B) {
	asked, unasked := cluster.NewNamespace(b), cluster.NewNamespace(b)
	hook := newHook(b, asked)
	within, without := pods(b, asked), pods(b, unasked)
	settle(b, within, without)
	hook.forget()
	found := admission{hook: hook}
	for b.Loop() {
		found.without = append(found.without, batch(b, without, original)...)
		found.with = append(found.with, batch(b, within, patched)...)
	}
	b.ReportMetric(0, "ns/op")
	for _, q := range quantiles {
		b.ReportMetric(float64((q.of(found.with)-q.of(found.without)).Microseconds())/1000, "ms-added-at-"+q.name)
	}
	admissions = append(admissions, found)
}

// batch creates pods at the rate, and is how long the API server took for each.
func batch(b *testing.B, create typed.PodInterface, wanted string) []time.Duration {
	b.Helper()
	took := make([]time.Duration, podBatch)
	var all sync.WaitGroup
	ticks := time.NewTicker(time.Second / podRate)
	defer ticks.Stop()
	for i := range took {
		<-ticks.C
		all.Go(func() {
			begun := time.Now()
			image, err := dryRun(b.Context(), create)
			took[i] = time.Since(begun)
			if err != nil || image != wanted {
				b.Errorf("a pod was created with %q, %v", image, err)
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return took
}

// settle waits until the API server knows of the webhook and of the namespaces' ServiceAccounts, and creates a few pods
// that do not count.
func settle(b *testing.B, within, without typed.PodInterface) {
	b.Helper()
	err := wait.PollUntilContextTimeout(b.Context(), 100*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := dryRun(ctx, without)
		image, errWithin := dryRun(ctx, within)
		return err == nil && errWithin == nil && image == patched, nil
	})
	if err != nil {
		b.Fatal("the API server never asks the webhook: does it reach $" + cluster.HostIP + "?")
	}
	batch(b, without, original)
	batch(b, within, patched)
}

func pods(b *testing.B, ns *cluster.Namespace) typed.PodInterface {
	b.Helper()
	return ns.Kubernetes.CoreV1().Pods(ns.Name)
}

// dryRun has the API server do all that it does for a new pod but store it, and is the image that it would run.
func dryRun(ctx context.Context, create typed.PodInterface) (string, error) {
	pod, err := create.Create(ctx, aPod(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return "", err
	}
	return pod.Spec.Containers[0].Image, nil
}

// aPod is of a usual size.
func aPod() *corev1.Pod {
	container := corev1.Container{Name: "app", Image: original}
	for i := range 30 {
		container.Env = append(container.Env, corev1.EnvVar{Name: fmt.Sprintf("VARIABLE_%d", i), Value: "some value"})
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "api-", Labels: map[string]string{"app": "api"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{container, {Name: "proxy", Image: "registry.example.com/proxy:1"}}},
	}
}
