package restart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// Active tells whether pods of a run's target get the run's image as they start: the target was opened, and the run was
// not found to be unhealthy. A newer run that is active for the same container takes its place.
func Active(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) bool {
	if !onRestart(run) || failed(run, respinv1alpha1.ConditionHealthy) || failed(run, respinv1alpha1.ConditionSucceeded) {
		return false
	}
	return slices.ContainsFunc(run.Status.Workloads, func(s respinv1alpha1.WorkloadStatus) bool {
		return s.Kind == target.Kind && s.Name == target.Name && open(s.State)
	})
}

// onRestart tells whether a run has an image that was, or is, given to pods as they start.
func onRestart(run *respinv1alpha1.PatchRun) bool {
	return run.Spec.Rollout.Type == respinv1alpha1.OnRestart && run.Status.Output != nil
}

func failed(run *respinv1alpha1.PatchRun, condition string) bool {
	return meta.IsStatusConditionFalse(run.Status.Conditions, condition)
}

func open(state respinv1alpha1.WorkloadState) bool {
	return state == respinv1alpha1.WorkloadOpen || state == respinv1alpha1.WorkloadBaking || state == respinv1alpha1.WorkloadHealthy
}

// Kinds are the kinds of the workloads that runs are active for.
func Kinds(runs []respinv1alpha1.PatchRun) []respinv1alpha1.WorkloadKind {
	kinds := sets.New[respinv1alpha1.WorkloadKind]()
	for i := range runs {
		for _, target := range runs[i].Spec.Workloads {
			if Active(&runs[i], target) {
				kinds.Insert(target.Kind)
			}
		}
	}
	return sets.List(kinds)
}

// slot is a container of a workload. There is one entry for it at most.
type slot struct {
	uid       types.UID
	container string
	init      bool
}

// Entries are the entries of a namespace, from its runs and the workloads that they are about. Of several runs that are
// active for a container the newest counts. A workload that is gone, was made anew, or has another image in its
// template than the run found there, has no entry: what is there now is not what was patched.
func Entries(runs []respinv1alpha1.PatchRun, workloads []rollout.Workload) ([]Entry, error) {
	byUID := map[types.UID]rollout.Workload{}
	for _, w := range workloads {
		byUID[w.Object.GetUID()] = w
	}
	past, entries := history{}, map[slot]Entry{}
	for _, run := range oldestFirst(runs) {
		for _, target := range run.Spec.Workloads {
			if w, exists := byUID[target.UID]; exists && Active(run, target) {
				if err := enter(entries, run, target, w, past); err != nil {
					return nil, err
				}
			}
			past.add(run, target)
		}
	}
	return sorted(entries), nil
}

// enter puts a target's entries in the place of those that older runs had.
func enter(entries map[slot]Entry, run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget, w rollout.Workload, past history) error {
	selector, err := selectorOf(w)
	if err != nil {
		return err
	}
	for _, c := range target.Containers {
		from := past.images(target, c).Insert(c.PreviousImage).Delete(run.Status.Output.Image)
		if image, ok := w.Image(c.Name, c.Init); !ok || image != c.PreviousImage || from.Len() == 0 {
			continue
		}
		entries[slot{target.UID, c.Name, c.Init}] = Entry{
			Run: run.Name, Workload: Owner{target.Kind, target.Name, target.UID}, Selector: selector,
			Container: c.Name, Init: c.Init, From: from, To: run.Status.Output.Image,
		}
	}
	return nil
}

// history holds what earlier runs put in the place of a template's image, whatever became of them: a pod may have it still.
type history map[occupied]sets.Set[string]

// occupied is a container of a workload with the image in its template.
type occupied struct {
	slot
	previous string
}

func (h history) add(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget) {
	if !onRestart(run) {
		return
	}
	for _, c := range target.Containers {
		at := occupied{slot{target.UID, c.Name, c.Init}, c.PreviousImage}
		h[at] = h.images(target, c).Insert(run.Status.Output.Image)
	}
}

func (h history) images(target respinv1alpha1.WorkloadTarget, c respinv1alpha1.ContainerTarget) sets.Set[string] {
	return h[occupied{slot{target.UID, c.Name, c.Init}, c.PreviousImage}].Clone()
}

func oldestFirst(runs []respinv1alpha1.PatchRun) []*respinv1alpha1.PatchRun {
	all := make([]*respinv1alpha1.PatchRun, 0, len(runs))
	for i := range runs {
		all = append(all, &runs[i])
	}
	slices.SortFunc(all, func(a, b *respinv1alpha1.PatchRun) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// sorted are entries in an order that is always the same.
func sorted(entries map[slot]Entry) []Entry {
	all := slices.Collect(maps.Values(entries))
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Workload.Kind, b.Workload.Kind), cmp.Compare(a.Workload.Name, b.Workload.Name),
			cmp.Compare(a.Container, b.Container))
	})
	return all
}

// selectorOf is what a workload's pods are selected by. A CronJob's are not: they are known by their Job alone.
func selectorOf(w rollout.Workload) (labels.Selector, error) {
	if w.Selector == nil {
		return labels.Everything(), nil
	}
	selector, err := metav1.LabelSelectorAsSelector(w.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading the pod selector of %s: %w", w, err)
	}
	return selector, nil
}
