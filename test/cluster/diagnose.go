package cluster

import (
	"context"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// OperatorNamespace is where the operator is deployed.
const OperatorNamespace = "respin-system"

// diagnose logs what a person would look at first: policies, runs, pods, events, and the operator's last words.
func (n *Namespace) diagnose(ctx context.Context) {
	n.t.Helper()
	var policies respinv1alpha1.PatchPolicyList
	var runs respinv1alpha1.PatchRunList
	var pods corev1.PodList
	var events eventsv1.EventList
	for _, list := range []client.ObjectList{&policies, &runs, &pods, &events} {
		if err := n.List(ctx, list, client.InNamespace(n.Name)); err != nil {
			n.t.Logf("listing %T in %s: %v", list, n.Name, err)
		}
	}
	for i := range policies.Items {
		n.show("patchpolicy/"+policies.Items[i].Name, policies.Items[i].Status)
	}
	for i := range runs.Items {
		n.show("patchrun/"+runs.Items[i].Name, runs.Items[i].Status)
	}
	for i := range pods.Items {
		n.show("pod/"+pods.Items[i].Name, pods.Items[i].Status.ContainerStatuses)
	}
	n.t.Logf("events in %s:\n%s", n.Name, sentences(events.Items))
	n.t.Logf("the operator's last words:\n%s", n.operatorLog(ctx))
}

func (n *Namespace) show(name string, value any) {
	n.t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		text = []byte(err.Error())
	}
	n.t.Logf("%s in %s:\n%s", name, n.Name, text)
}

func sentences(events []eventsv1.Event) string {
	var lines strings.Builder
	for i := range events {
		e := &events[i]
		fmt.Fprintf(&lines, "%s %s/%s: %s: %s\n", e.CreationTimestamp.Format("15:04:05"),
			e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note)
	}
	return lines.String()
}

func (n *Namespace) operatorLog(ctx context.Context) string {
	var pods corev1.PodList
	if err := n.List(ctx, &pods, client.InNamespace(OperatorNamespace)); err != nil {
		return err.Error()
	}
	var all strings.Builder
	for i := range pods.Items {
		tail := int64(25)
		text, err := n.Cluster.log(ctx, &pods.Items[i], &corev1.PodLogOptions{TailLines: &tail})
		fmt.Fprintln(&all, pods.Items[i].Name, err, "\n"+text)
	}
	return all.String()
}

func (c *Cluster) log(ctx context.Context, pod *corev1.Pod, options *corev1.PodLogOptions) (string, error) {
	stream, err := c.Kubernetes.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	return string(text), err
}
