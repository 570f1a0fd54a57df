package cluster

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// startTimeout is how long pods may take to come up on a machine that does many things at once.
const startTimeout = 60 * time.Second

// Run creates workloads and waits until they are rolled out.
func (n *Namespace) Run(workloads ...client.Object) {
	n.t.Helper()
	n.Make(workloads...)
	n.RolledOut(workloads...)
}

// RolledOut waits until all pods of the workloads are available and of the present templates.
func (n *Namespace) RolledOut(workloads ...client.Object) {
	n.t.Helper()
	for _, w := range workloads {
		Eventually(n.t, startTimeout, fmt.Sprintf("%T/%s rolls out", w, w.GetName()), func() string {
			n.Read(w)
			return rolledOut(w)
		})
	}
}

// Pods are the pods of a workload that are not ending.
func (n *Namespace) Pods(workload client.Object) []corev1.Pod {
	n.t.Helper()
	var list corev1.PodList
	n.All(&list, client.MatchingLabels(Template(workload).Labels))
	var pods []corev1.Pod
	for i := range list.Items {
		if list.Items[i].DeletionTimestamp.IsZero() {
			pods = append(pods, list.Items[i])
		}
	}
	return pods
}

// Says waits until each pod of a workload has written a text in a container, which is how a pod here tells what it
// runs.
func (n *Namespace) Says(workload client.Object, container, text string) {
	n.t.Helper()
	Eventually(n.t, startTimeout, fmt.Sprintf("%s of %s says %q", container, workload.GetName(), text), func() string {
		pods := n.Pods(workload)
		for i := range pods {
			said, err := n.log(n.t.Context(), &pods[i], &corev1.PodLogOptions{Container: container})
			if err != nil || said != text+"\n" {
				return fmt.Sprintf("pod %s says %q, %v", pods[i].Name, said, err)
			}
		}
		return unless(len(pods) > 0, "no pod")
	})
}

// Successor waits for a pod of a workload that was not among some, and that lacks nothing any more: lacks says what it
// does.
func (n *Namespace) Successor(workload client.Object, among []corev1.Pod, lacks func(*corev1.Pod) string) *corev1.Pod {
	n.t.Helper()
	known := map[types.UID]bool{}
	for i := range among {
		known[among[i].UID] = true
	}
	var successor *corev1.Pod
	Eventually(n.t, startTimeout, "a pod of "+workload.GetName()+" has a successor", func() string {
		pods := n.Pods(workload)
		at := slices.IndexFunc(pods, func(p corev1.Pod) bool { return !known[p.UID] })
		if at < 0 {
			return "no pod is new"
		}
		successor = &pods[at]
		return lacks(successor)
	})
	return successor
}

// unless is empty if something holds, else it is told by a value.
func unless(holds bool, value any) string {
	if holds {
		return ""
	}
	return fmt.Sprintf("%+v", value)
}
