package plan

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
