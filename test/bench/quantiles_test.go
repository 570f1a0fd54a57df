package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// admission is what BenchmarkAdmission found: how long each pod took.
type admission struct {
	with, without []time.Duration
	hook          *hook
}

var admissions []admission

type quantile struct {
	name string
	part float64
}

var quantiles = []quantile{{"p50", 0.50}, {"p90", 0.90}, {"p99", 0.99}, {"max", 1}}

func (q quantile) of(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(q.part*float64(len(sorted))), len(sorted)-1)]
}

const admissionLegend = `
Pods created by dry runs through the API server, %d a second, in milliseconds.
  asked about      in a namespace whose pods the webhook patches
  not asked about  in one that it does not know, in turns with the other
  added            the difference of the two; the goal is 2 at p99
  in the webhook   of that, from the question's arrival to its answer
`

func (a admission) print(out io.Writer) {
	fmt.Fprintf(out, admissionLegend, podRate)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "\n%d pods each\n", len(a.with))
	for _, q := range quantiles {
		fmt.Fprintf(w, "%s\t", q.name)
	}
	fmt.Fprintln(w)
	a.row(w, "asked about", func(q quantile) time.Duration { return q.of(a.with) })
	a.row(w, "not asked about", func(q quantile) time.Duration { return q.of(a.without) })
	a.row(w, "added", func(q quantile) time.Duration { return q.of(a.with) - q.of(a.without) })
	a.row(w, "in the webhook", func(q quantile) time.Duration { return q.of(a.hook.took) })
	w.Flush()
}

func (a admission) row(out io.Writer, name string, value func(quantile) time.Duration) {
	for _, q := range quantiles {
		fmt.Fprintf(out, "%.2f\t", float64(value(q).Microseconds())/1000)
	}
	fmt.Fprintf(out, "  %s\n", name)
}
