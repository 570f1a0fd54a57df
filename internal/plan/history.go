package plan

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Prune names the finished runs that are beyond the policy's history limit, oldest first. Runs in keep stay whatever
// the limit: without them their image would be tried again.
func Prune(limit respinv1alpha1.HistoryLimit, runs []respinv1alpha1.PatchRun, keep []string) []string {
	var successful, failures []respinv1alpha1.PatchRun
	for i := range runs {
		switch run := runs[i]; {
		case !Finished(&run) || slices.Contains(keep, run.Name):
		case Succeeded(&run):
			successful = append(successful, run)
		default:
			failures = append(failures, run)
		}
	}
	return append(oldest(successful, limit.Successful, 3), oldest(failures, limit.Failed, 5)...)
}

// Standing names, for each container of the workloads that exist, the last run that brought it a patched image. They
// stay whatever the history limit: without them it would not be known what the image replaced, nor that someone who goes
// back to that does so on purpose; and pods that are patched on restart get their image by them.
func Standing(runs []respinv1alpha1.PatchRun, exists map[types.UID]bool) []string {
	type container struct {
		workload types.UID
		name     string
		init     bool
	}
	last := map[container]*respinv1alpha1.PatchRun{}
	for i := range runs {
		run := &runs[i]
		for _, t := range run.Spec.Workloads {
			if !exists[t.UID] || stateOf(run, t) != respinv1alpha1.WorkloadHealthy {
				continue
			}
			for _, c := range t.Containers {
				at := container{t.UID, c.Name, c.Init}
				if known := last[at]; known == nil || ended(*known).Before(ended(*run)) {
					last[at] = run
				}
			}
		}
	}
	var names []string
	for _, run := range last {
		names = append(names, run.Name)
	}
	return names
}

func oldest(runs []respinv1alpha1.PatchRun, limit *int32, byDefault int) []string {
	count := byDefault
	if limit != nil {
		count = int(*limit)
	}
	slices.SortFunc(runs, func(a, b respinv1alpha1.PatchRun) int {
		return cmp.Or(ended(a).Compare(ended(b).Time), cmp.Compare(a.Name, b.Name))
	})
	var names []string
	for i := range max(0, len(runs)-count) {
		names = append(names, runs[i].Name)
	}
	return names
}

func ended(run respinv1alpha1.PatchRun) *metav1.Time {
	if run.Status.CompletionTime != nil {
		return run.Status.CompletionTime
	}
	return &run.CreationTimestamp
}
