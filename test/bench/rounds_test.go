package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// run rebases an app, named by tag and digest, to an output.
type run func(app, output image.Reference)

// contender is one way to rebase.
type contender struct {
	name string
	run  run
	// goal is how many requests it may make, provenance and layers apart; 0 for any number.
	goal int
	// inProcess is false for a process of its own, which has to start first.
	inProcess bool
	// every is how many rounds there are for each sample; 0 is 1.
	every int
}

// sample is what one rebase took.
type sample struct {
	took time.Duration
	count
}

// measure has a contender rebase an app that nobody has rebased.
func (b *bed) measure(c contender) sample {
	b.t.Helper()
	app := b.place()
	output := image.Reference{Repository: app.Repository, Tag: "1-patched"}
	before := len(b.registry.Requests())
	start := time.Now()
	c.run(app, output)
	took := time.Since(start)
	asked := b.registry.Requests()[before:]
	b.readTold(output.String())
	return sample{took, b.count(asked)}
}

// rounds are samples of all contenders, taken in turns, so that what else the machine does disturbs all of them alike.
type rounds struct {
	contenders []contender
	samples    [][]sample
	n          int
}

// round takes a sample of each contender whose turn it is. Each round begins with another one.
func (r *rounds) round(b *bed) {
	for i := range r.contenders {
		at := (r.n + i) % len(r.contenders)
		if c := r.contenders[at]; r.n%max(1, c.every) == 0 {
			r.samples[at] = append(r.samples[at], b.measure(c))
		}
	}
	r.n++
}

// of are a contender's samples.
func (r *rounds) of(name string) []sample { return r.samples[r.index(name)] }

func (r *rounds) get(name string) contender { return r.contenders[r.index(name)] }

func (r *rounds) has(name string) bool { return r.index(name) >= 0 }

func (r *rounds) index(name string) int {
	return slices.IndexFunc(r.contenders, func(c contender) bool { return c.name == name })
}

// ratio is of the medians of two contenders.
func (r *rounds) ratio(of, to string) float64 {
	return float64(median(r.of(of))) / float64(median(r.of(to)))
}

// median is of the wall times.
func median(samples []sample) time.Duration {
	times := make([]time.Duration, len(samples))
	for i, s := range samples {
		times[i] = s.took
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// most are the highest counts: they are the same in each round, but for requests that are made again.
func most(samples []sample) count {
	var c count
	for _, s := range samples {
		c.requests = max(c.requests, s.requests)
		c.lineage = max(c.lineage, s.lineage)
		c.provenance = max(c.provenance, s.provenance)
		c.layers = max(c.layers, s.layers)
	}
	return c
}

// warmUp takes samples that do not count: they fill caches, those of the operating system too.
func (r *rounds) warmUp(b *bed) {
	r.samples = make([][]sample, len(r.contenders))
	r.round(b)
	r.samples, r.n = make([][]sample, len(r.contenders)), 0
}

// contenders are all ways to rebase the images of a bed. Crane has no way for an index.
func (b *bed) contenders(t testing.TB) []contender {
	t.Helper()
	facts, program := kept(t), compile(t)
	warm := b.product(facts()).warm(b)
	floor := b.floor(warm)
	all := []contender{
		{name: command, run: b.commandRebase(program, facts), goal: b.goal(11)},
		{name: commandNew, run: b.commandRebase(program, afresh(t)), goal: b.goal(11), every: 4},
		{name: inProcess, run: warm.rebase, goal: b.goal(6), inProcess: true},
		{name: inProcessNew, run: b.newProduct(facts()), goal: b.goal(11), inProcess: true},
		{name: theFloor, run: floor.rebase, goal: b.goal(5), inProcess: true},
	}
	if b.shape.platforms == nil {
		all = append(all, contender{name: craneCommand, run: craneProcess(t)},
			contender{name: craneInProcess, run: craneRebase(t), inProcess: true})
	}
	return all
}

// newProduct is a product for each rebase, which gets to know the image by its tag.
func (b *bed) newProduct(facts string) run {
	return func(app, output image.Reference) { b.product(facts).rebase(app.WithDigest(""), output) }
}

// Names of contenders.
const (
	command        = "respin rebase, layers known"
	commandNew     = "respin rebase, layers never read"
	craneCommand   = "crane rebase"
	inProcess      = "in a process: Respin, bases known"
	inProcessNew   = "in a process: Respin, nothing but layers known"
	craneInProcess = "in a process: crane's library"
	theFloor       = "in a process: the floor's requests only"
)

// goal is L and some more requests for each image, and two for an index.
func (b *bed) goal(more int) int {
	goal := b.shape.children() * (b.shape.changed + more)
	if b.shape.platforms != nil {
		goal += 2
	}
	return goal
}
