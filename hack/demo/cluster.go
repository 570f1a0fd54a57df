package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// cluster is the cluster, and the demo's namespace in it.
type cluster struct {
	client.Client
	namespace string
}

func connect(namespace string) (cluster, error) {
	kubeconfig, err := config.GetConfig()
	if err != nil {
		return cluster{}, fmt.Errorf("finding the cluster: %w", err)
	}
	scheme := apiruntime.NewScheme()
	for _, add := range []func(*apiruntime.Scheme) error{clientgoscheme.AddToScheme, respinv1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return cluster{}, err
		}
	}
	c, err := client.New(kubeconfig, client.Options{Scheme: scheme})
	return cluster{Client: c, namespace: namespace}, err
}

// kubectl runs kubectl in the demo's namespace, and returns what it prints.
func (c cluster) kubectl(ctx context.Context, args ...string) (string, error) {
	return c.kubectlWith(ctx, "", args...)
}

func (c cluster) kubectlWith(ctx context.Context, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "kubectl", append([]string{"--namespace", c.namespace}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out), nil
}

func (c cluster) apply(ctx context.Context, yaml string) error {
	_, err := c.kubectlWith(ctx, yaml, "apply", "--filename", "-")
	return err
}

func (c cluster) deployment(ctx context.Context) (*appsv1.Deployment, error) {
	var d appsv1.Deployment
	err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: workload}, &d)
	return &d, err
}

// pods are the application's, without those that are ending.
func (c cluster) pods(ctx context.Context) ([]corev1.Pod, error) {
	var list corev1.PodList
	if err := c.List(ctx, &list, client.InNamespace(c.namespace), client.MatchingLabels{"app": workload}); err != nil {
		return nil, err
	}
	var pods []corev1.Pod
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			pods = append(pods, pod)
		}
	}
	return pods, nil
}

// sameArchitecture is an error if the cluster has no node that can run what is made on this machine.
func (c cluster) sameArchitecture(ctx context.Context) error {
	var nodes corev1.NodeList
	if err := c.List(ctx, &nodes, client.MatchingLabels{corev1.LabelArchStable: runtime.GOARCH}); err != nil {
		return fmt.Errorf("asking for the nodes: %w", err)
	}
	if len(nodes.Items) == 0 {
		return fmt.Errorf("the cluster has no %s node, and that is what this machine makes a Debian for", runtime.GOARCH)
	}
	return nil
}

// until asks again and again until the answer is yes.
func until(ctx context.Context, what string, timeout time.Duration, ask func(context.Context) (bool, error)) error {
	err := wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, timeout, true, ask)
	if wait.Interrupted(err) && ctx.Err() == nil {
		return fmt.Errorf("waited %s in vain for this: %s", timeout, what)
	}
	return err
}
