package restart

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/rollout"
)

// Index answers from memory which images a pod gets. It is filled from what the cluster holds, and knows nothing
// before that: its answer is then that nothing is replaced. It may be used by many at once.
type Index struct {
	mu         sync.RWMutex
	ready      bool
	namespaces map[string]table
	changed    []func(namespace string)
}

// table is a namespace's entries by the images that they replace. It is never changed, only given up for another.
type table map[string][]*Entry

// NewIndex is an index that is yet to be filled.
func NewIndex() *Index {
	return &Index{namespaces: map[string]table{}}
}

// Ready tells whether the index has been filled. A replica of the operator is not to be asked before that.
func (x *Index) Ready() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.ready
}

// MarkReady says that every namespace that has entries was set.
func (x *Index) MarkReady() {
	x.mu.Lock()
	x.ready = true
	x.mu.Unlock()
	for _, namespace := range x.known() {
		x.tell(namespace)
	}
}

// Set puts entries in the place of all that a namespace had.
func (x *Index) Set(namespace string, entries []Entry) {
	t := tableOf(entries)
	x.mu.Lock()
	same := reflect.DeepEqual(x.namespaces[namespace], t)
	if len(t) == 0 {
		delete(x.namespaces, namespace)
	} else {
		x.namespaces[namespace] = t
	}
	x.mu.Unlock()
	if len(t) > 0 && !same {
		x.tell(namespace)
	}
}

func tableOf(entries []Entry) table {
	t := table{}
	for i := range entries {
		for image := range entries[i].From {
			t[image] = append(t[image], &entries[i])
		}
	}
	return t
}

// OnChange has a function called with every namespace that gets other entries, and at once with those that have some: pods
// that had failed before their image was patched wait for that. The function must not block.
func (x *Index) OnChange(tell func(namespace string)) {
	x.mu.Lock()
	x.changed = append(x.changed, tell)
	x.mu.Unlock()
	for _, namespace := range x.known() {
		tell(namespace)
	}
}

func (x *Index) tell(namespace string) {
	x.mu.RLock()
	told := x.changed
	x.mu.RUnlock()
	for _, tell := range told {
		tell(namespace)
	}
}

// known are the namespaces with entries; none before the index is filled.
func (x *Index) known() []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.ready {
		return nil
	}
	all := make([]string, 0, len(x.namespaces))
	for namespace := range x.namespaces {
		all = append(all, namespace)
	}
	return all
}

// Knows tells whether a namespace has entries. Most have none, and their pods are of no interest.
func (x *Index) Knows(namespace string) bool {
	return x.of(namespace) != nil
}

func (x *Index) of(namespace string) table {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.ready {
		return nil
	}
	return x.namespaces[namespace]
}

// Entries are those that a pod's containers, with the images that they have, are about.
func (x *Index) Entries(namespace string, pod *corev1.Pod) []Entry {
	t := x.of(namespace)
	if t == nil {
		return nil
	}
	var found []Entry
	for _, c := range containers(pod) {
		of := t[c.Image]
		if at := slices.IndexFunc(of, func(e *Entry) bool { return e.of(pod, c) }); at >= 0 {
			found = append(found, *of[at])
		}
	}
	return found
}

// For are the images that a pod which is being created gets in place of those that it asks for, and the run that they
// are for: several are separated by commas. There are none for a pod that no workload's controller made.
func (x *Index) For(namespace string, pod *corev1.Pod) (run string, images []rollout.ContainerImage) {
	var runs []string
	for _, e := range x.Entries(namespace, pod) {
		runs = append(runs, e.Run)
		images = append(images, rollout.ContainerImage{Name: e.Container, Init: e.Init, Image: e.To})
	}
	return together(runs), images
}

// together are the names of runs in one annotation.
func together(runs []string) string {
	slices.Sort(runs)
	return strings.Join(slices.Compact(runs), ",")
}
