package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
)

// Status is the status of the container that the workloads here have.
func Status(pod *corev1.Pod) corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == Container {
			return pod.Status.ContainerStatuses[i]
		}
	}
	return corev1.ContainerStatus{}
}

// Kill ends the first process of a pod's container with SIGKILL, as the kernel does when memory runs out. Nothing inside
// the container could: the kernel keeps a first process from that. The test is skipped where the node is not on this host.
func (n *Namespace) Kill(pod *corev1.Pod) {
	n.t.Helper()
	SkipWithout(n.t, HostIP)
	_, container, _ := strings.Cut(Status(pod).ContainerID, "://")
	if container == "" {
		n.t.Fatalf("the container of pod %s does not run", pod.Name)
	}
	firsts := firstProcesses(container)
	if len(firsts) != 1 {
		n.t.Fatalf("the container of pod %s has these first processes on this host: %v", pod.Name, firsts)
	}
	if err := syscall.Kill(firsts[0], syscall.SIGKILL); err != nil {
		n.t.Fatalf("killing the container of pod %s: %v", pod.Name, err)
	}
}

// firstProcesses are the processes of a container that are the first in their namespace of processes. A container's
// control group has its name.
func firstProcesses(container string) []int {
	var firsts []int
	groups, _ := filepath.Glob("/proc/[0-9]*/cgroup") // the pattern is a good one
	for _, path := range groups {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), container) {
			continue // of another container, or gone meanwhile
		}
		process := filepath.Dir(path)
		if pid, err := strconv.Atoi(filepath.Base(process)); err == nil && isFirst(process) {
			firsts = append(firsts, pid)
		}
	}
	return firsts
}

func isFirst(process string) bool {
	text, err := os.ReadFile(filepath.Join(process, "status"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if ids, found := strings.CutPrefix(line, "NSpid:"); found {
			fields := strings.Fields(ids)
			return len(fields) > 1 && fields[len(fields)-1] == "1"
		}
	}
	return false
}
