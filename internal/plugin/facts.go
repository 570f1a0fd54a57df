// Package plugin is what the kubectl plugin tells, and what it lets a person ask for: pure functions of objects that were
// read and a time. It reads no cluster, and nothing in it looks at a clock.
package plugin

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Facts are the objects that were read.
type Facts struct {
	Policies  []respinv1alpha1.PatchPolicy
	Runs      []respinv1alpha1.PatchRun
	Workloads []Workload
	// Flags are put into the commands that are told, as in " --context staging".
	Flags string
}

// Workload is a workload with its pods.
type Workload struct {
	Kind      respinv1alpha1.WorkloadKind
	Namespace string
	Name      string
	Labels    labels.Set
	Template  corev1.PodSpec
	Pods      []corev1.Pod
	// PodsRead is false where the person may not list pods.
	PodsRead bool
}

// Label is the workload as people write it: Kind/name.
func (w Workload) Label() string { return label(w.Kind, w.Name) }

func label(kind respinv1alpha1.WorkloadKind, name string) string { return string(kind) + "/" + name }

// workload is the one of that label, nil if it was not read.
func (f Facts) workload(namespace, label string) *Workload {
	at := slices.IndexFunc(f.Workloads, func(w Workload) bool { return w.Namespace == namespace && w.Label() == label })
	if at < 0 {
		return nil
	}
	return &f.Workloads[at]
}

// run is the one of that name, nil if there is none.
func (f Facts) run(namespace, name string) *respinv1alpha1.PatchRun {
	for i := range f.Runs {
		if f.Runs[i].Namespace == namespace && f.Runs[i].Name == name {
			return &f.Runs[i]
		}
	}
	return nil
}

// runsOf are the runs that fit, newest first.
func (f Facts) runsOf(fits func(*respinv1alpha1.PatchRun) bool) []*respinv1alpha1.PatchRun {
	var found []*respinv1alpha1.PatchRun
	for i := range f.Runs {
		if fits(&f.Runs[i]) {
			found = append(found, &f.Runs[i])
		}
	}
	slices.SortStableFunc(found, func(a, b *respinv1alpha1.PatchRun) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// targets tells whether a run is for a workload.
func targets(run *respinv1alpha1.PatchRun, label string) bool {
	return target(run, label) != nil
}

func target(run *respinv1alpha1.PatchRun, name string) *respinv1alpha1.WorkloadTarget {
	for i := range run.Spec.Workloads {
		if t := &run.Spec.Workloads[i]; label(t.Kind, t.Name) == name {
			return t
		}
	}
	return nil
}

// progressOf is how far a workload has come in a run, nil where the run is nil or does not say.
func progressOf(run *respinv1alpha1.PatchRun, name string) *respinv1alpha1.WorkloadStatus {
	if run == nil {
		return nil
	}
	for i := range run.Status.Workloads {
		if w := &run.Status.Workloads[i]; label(w.Kind, w.Name) == name {
			return w
		}
	}
	return nil
}
