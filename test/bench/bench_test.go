// Package bench measures what a rebase costs at the real CNCF registry: requests, counted in its access log, and time,
// beside crane's and beside a loop that makes nothing but the requests that nobody can do without. And it measures what
// the webhook adds to the creation of a pod.
package bench

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	results.print(os.Stdout)
	for _, found := range admissions {
		found.print(os.Stdout)
	}
	os.Exit(code)
}

func BenchmarkRebase(b *testing.B) {
	for _, bench := range []struct {
		name  string
		shape shape
	}{
		{"single/L=1", shape{changed: 1, annotated: true, size: slim}},
		{"single/L=4", shape{changed: 4, annotated: true, size: slim}},
		{"small/L=1", shape{changed: 1, annotated: true, size: small}},
		{"index/L=1", shape{changed: 1, platforms: platforms, size: slim}},
		{"index/L=4", shape{changed: 4, platforms: platforms, size: slim}},
	} {
		b.Run(bench.name, func(b *testing.B) { measure(b, bench.shape) })
	}
}

func measure(b *testing.B, s shape) {
	bed := newBed(b, s)
	r := rounds{contenders: bed.contenders(b)}
	r.warmUp(bed)
	for b.Loop() {
		r.round(bed)
	}
	r.report(b)
	results.add(s, r)
}

// report gives medians and ratios of the same rounds. The time of a round says nothing.
func (r *rounds) report(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	for name, unit := range map[string]string{
		inProcess: "requests/op", inProcessNew: "requests-knowing-nothing/op", craneCommand: "requests-of-crane/op",
	} {
		if r.has(name) {
			b.ReportMetric(float64(most(r.of(name)).requests), unit)
		}
	}
	b.ReportMetric(r.ratio(inProcess, theFloor), "x-of-floor")
	if r.has(craneCommand) {
		b.ReportMetric(r.ratio(command, craneCommand), "x-of-crane")
		b.ReportMetric(r.ratio(inProcess, craneInProcess), "x-of-crane-in-process")
		b.ReportMetric(r.ratio(commandNew, craneCommand), "x-of-crane-layers-never-read")
	}
}
