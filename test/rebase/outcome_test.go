//go:build integration

package rebase

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/respin-dev/respin/internal/image/safety"
)

// verdict is what became of a shape.
type verdict string

const (
	// equal is a rebased image that is what a build on the new base gives.
	equal verdict = "equal"
	// refused is an image that a safety check kept from being rebased.
	refused verdict = "refused"
	// broken is a shape that could not be looked at.
	broken verdict = "broken"
	// wrong is a rebased image that is something else.
	wrong verdict = "WRONG"
)

// checks are the names of those that refused, each once.
func checks(refusals []safety.Result) []string {
	var names []string
	for _, r := range refusals {
		names = append(names, string(r.Check))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

type outcome struct {
	verdict verdict
	// checks are those that refused.
	checks []string
	// without is what the rebase gives, or would have given without the checks.
	without string
}

// outcomes are those of all shapes.
type outcomes struct {
	mu    sync.Mutex
	lines []string
	count map[verdict]int
}

func newOutcomes(testing.TB) *outcomes { return &outcomes{count: map[verdict]int{}} }

func (o *outcomes) add(group, name string, out outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count[out.verdict]++
	o.lines = append(o.lines, out.line(group, name))
}

func (o outcome) line(group, name string) string {
	if o.verdict != refused {
		return fmt.Sprintf("%s\t%s\t%s\t\t", group, name, o.verdict)
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", group, name, o.verdict, strings.Join(o.checks, ", "), o.without)
}

// tell writes the table.
func (o *outcomes) tell(t testing.TB) {
	t.Helper()
	slices.Sort(o.lines)
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tSHAPE\tVERDICT\tREFUSED BY\tWITHOUT THE CHECKS")
	for _, line := range o.lines {
		fmt.Fprintln(table, line)
	}
	must(t, table.Flush())
	t.Logf("\n%s\n%d shapes: %d equal, %d refused, %d wrong, %d broken",
		b.String(), len(o.lines), o.count[equal], o.count[refused], o.count[wrong], o.count[broken])
}

// clip keeps a list readable.
func clip(lines []string) string {
	const most = 20
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("… and %d more", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}
