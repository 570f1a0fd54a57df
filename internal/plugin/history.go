package plugin

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// History is runs, newest first, in the form of history -o json. Fields are only ever added.
type History struct {
	Runs []PastRun `json:"runs"`
}

// PastRun is a run.
type PastRun struct {
	Namespace string      `json:"namespace"`
	Name      string      `json:"name"`
	Policy    string      `json:"policy"`
	Created   metav1.Time `json:"created,omitzero"`
	// Image is the image that was to be patched, by tag and digest.
	Image       string                  `json:"image"`
	Base        string                  `json:"base"`
	BaseFrom    string                  `json:"baseFrom,omitempty"`
	BaseTo      string                  `json:"baseTo"`
	Method      respinv1alpha1.Method   `json:"method"`
	Phase       respinv1alpha1.RunPhase `json:"phase,omitempty"`
	Reason      string                  `json:"reason,omitempty"`
	Duration    string                  `json:"duration,omitempty"`
	ApprovedBy  string                  `json:"approvedBy,omitempty"`
	Output      string                  `json:"output,omitempty"`
	Attempts    int32                   `json:"attempts,omitempty"`
	Workloads   []string                `json:"workloads"`
	sourceShort string
}

// Recall makes the history of a workload, of a policy, or of all where nothing is named. A bare name is a policy's where
// there is one, else a workload's. Its error says what there is where nothing is of that name.
func Recall(facts Facts, namespace, arg string, now time.Time) (History, error) {
	fits, err := historyFilter(facts, namespace, arg)
	if err != nil {
		return History{}, err
	}
	history := History{Runs: []PastRun{}}
	for _, run := range facts.runsOf(fits) {
		history.Runs = append(history.Runs, pastRun(run, now))
	}
	return history, nil
}

func historyFilter(facts Facts, namespace, arg string) (func(*respinv1alpha1.PatchRun) bool, error) {
	if arg == "" {
		return func(*respinv1alpha1.PatchRun) bool { return true }, nil
	}
	subject, err := ParseSubject(arg)
	if err != nil {
		return nil, err
	}
	bare := subject.Kind == "" && !subject.Run
	if bare && slices.Contains(facts.PolicyNames(), subject.Name) {
		return func(run *respinv1alpha1.PatchRun) bool { return run.Spec.Policy.Name == subject.Name }, nil
	}
	names := facts.workloadsNamed(subject)
	if len(names) == 0 {
		return nil, Missing(arg, namespace, "policy or workload", facts.PolicyNames(), facts.WorkloadNames())
	}
	return func(run *respinv1alpha1.PatchRun) bool {
		return slices.ContainsFunc(names, func(name string) bool { return targets(run, name) })
	}, nil
}

func pastRun(run *respinv1alpha1.PatchRun, now time.Time) PastRun {
	source := run.Spec.Source
	past := PastRun{
		Namespace: run.Namespace, Name: run.Name, Policy: run.Spec.Policy.Name, Created: run.CreationTimestamp,
		Image: source.Repository + "@" + source.Digest, sourceShort: tagged(source.Repository, source.Tag, source.Digest),
		Base: run.Spec.Base.Image, BaseFrom: run.Spec.Base.From, BaseTo: run.Spec.Base.To, Method: run.Spec.Method,
		Phase: run.Status.Phase, Reason: run.Status.Reason, Duration: lasted(run, now), ApprovedBy: approver(run),
		Attempts: run.Status.Attempts, Workloads: workloadsOf(run),
	}
	if source.Tag != "" {
		past.Image = source.Repository + ":" + source.Tag + "@" + source.Digest
	}
	if run.Status.Output != nil {
		past.Output = run.Status.Output.Image
	}
	return past
}

// lasted is how long the attempt took, or takes so far.
func lasted(run *respinv1alpha1.PatchRun, now time.Time) string {
	status := run.Status
	switch {
	case status.Duration != "":
		return status.Duration
	case status.StartTime.IsZero():
		return ""
	case !status.CompletionTime.IsZero():
		return duration.HumanDuration(status.CompletionTime.Sub(status.StartTime.Time))
	}
	return duration.HumanDuration(max(0, now.Sub(status.StartTime.Time)))
}

func approver(run *respinv1alpha1.PatchRun) string {
	if run.Status.Approval == nil {
		return ""
	}
	return run.Status.Approval.By
}

// Print writes the history as kubectl writes tables.
func (h History) Print(out io.Writer, now time.Time, wide, namespaces bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	head := []string{"AGE", "RUN", "IMAGE", "BASE", "METHOD", "PHASE", "REASON", "DURATION", "APPROVED-BY"}
	if wide {
		head = append(head, "POLICY", "WORKLOADS", "OUTPUT")
	}
	if namespaces {
		head = append([]string{"NAMESPACE"}, head...)
	}
	fmt.Fprintln(table, strings.Join(head, "\t"))
	for _, run := range h.Runs {
		fmt.Fprintln(table, strings.Join(run.columns(now, wide, namespaces), "\t"))
	}
	return table.Flush()
}

func (r PastRun) columns(now time.Time, wide, namespaces bool) []string {
	base := short(r.BaseFrom) + "→" + short(r.BaseTo)
	if r.BaseFrom == "" {
		base = "?→" + short(r.BaseTo)
	}
	cells := []string{age(&r.Created, now), r.Name, r.sourceShort, base, string(r.Method), string(r.Phase), r.Reason, r.Duration, r.ApprovedBy}
	if wide {
		cells = append(cells, r.Policy, strings.Join(r.Workloads, ","), r.Output)
	}
	if namespaces {
		cells = append([]string{r.Namespace}, cells...)
	}
	for i := range cells {
		if cells[i] == "" {
			cells[i] = "-"
		}
	}
	return cells
}
