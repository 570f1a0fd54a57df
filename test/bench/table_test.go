package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// table collects what the benchmarks found, for a person to read.
type table []result

type result struct {
	shape  shape
	rounds rounds
}

var results table

func (t *table) add(s shape, r rounds) { *t = append(*t, result{s, r}) }

const legend = `
Rebases, each of a fresh copy of the image whose repository has none of the new base's layers.
  requests    lines of the registry's own access log; the most in any round
  goal        the most that there may be
  lineage     requests that read the provenance of an image that tells of its base nowhere else, counted apart
  provenance  requests that write provenance, counted apart; the goal is 5 at most for each image of an index
  layers      layers read to prove that the rebase is safe: once for each layer, then never again
  time        wall time, the median of all rounds; the contenders take turns within each round, where layers were
              never read in every fourth
  of crane    the time as a part of crane's: a command's of "crane rebase"'s, and that of what runs in one process for
              all rebases, as the operator does, of crane's library's in the same; the goal is 0.50 with layers known
  of floor    the time as a multiple of that of the floor's requests, made by a bare HTTP client
`

// print says nothing where nothing was measured.
func (t table) print(out io.Writer) {
	if len(t) == 0 {
		return
	}
	fmt.Fprint(out, legend)
	for _, r := range t {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(out, "\n%s (%d rounds)\n", r.shape, r.rounds.n)
		fmt.Fprintln(w, "requests\tgoal\tlineage\tprovenance\tlayers\ttime\tof crane\tof floor\t")
		for _, c := range r.rounds.contenders {
			r.row(w, c)
		}
		w.Flush()
	}
}

func (r result) row(out io.Writer, c contender) {
	samples := r.rounds.of(c.name)
	found := most(samples)
	fmt.Fprintf(out, "%d\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t  %s\n", found.requests, number(c.goal), found.lineage, found.provenance, found.layers,
		median(samples).Round(100*time.Microsecond), r.ratio(c, craneCommand, craneInProcess), r.ratio(c, theFloor), c.name)
}

func number(goal int) string {
	if goal == 0 {
		return "-"
	}
	return fmt.Sprint(goal)
}

// ratio compares like with like: processes with a process, and what runs in this one with what does so too.
func (r result) ratio(c contender, to ...string) string {
	for _, peer := range to {
		if r.rounds.has(peer) && r.rounds.get(peer).inProcess == c.inProcess {
			return fmt.Sprintf("%.2f", r.rounds.ratio(c.name, peer))
		}
	}
	return "-"
}
