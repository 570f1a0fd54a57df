//go:build integration

package bench

import (
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/cluster"
)

var counted = map[string]shape{
	"one platform, one changed layer":                      {changed: 1, annotated: true},
	"one platform, four changed layers":                    {changed: 4, annotated: true},
	"an index, one changed layer":                          {changed: 1, platforms: platforms},
	"an index, four changed layers":                        {changed: 4, platforms: platforms},
	"an index that names its base, one changed layer":      {changed: 1, platforms: platforms, annotated: true},
	"an index of one platform, two changed layers":         {changed: 2, platforms: platforms[:1]},
	"an index that names its base, of one platform, three": {changed: 3, platforms: platforms[:1], annotated: true},
}

func TestARebaseCostsWhatItShould(t *testing.T) {
	for name, s := range counted {
		t.Run(name, func(t *testing.T) {
			s.size = tiny
			b := newBed(t, s)
			facts := t.TempDir()
			first := b.measure(contender{run: b.newProduct(facts)})
			if want := s.children() * (2*s.changed + 1); first.layers != want {
				t.Errorf("%d layers were read, want each of %d once", first.layers, want)
			}
			b.want("the first time", first.count, b.fromNothing())
			warm := b.product(facts).warm(b)
			for name, again := range map[string]contender{
				"knowing nothing but layers": {run: b.newProduct(facts), goal: b.fromNothing()},
				"knowing the bases":          {run: warm.rebase, goal: b.fromBases()},
				"by the command":             {run: b.commandRebase(compile(t), func() string { return facts }), goal: b.fromNothing()},
			} {
				got := b.measure(again)
				b.want(name, got.count, again.goal)
				if got.layers != 0 {
					t.Errorf("%s: %d layers were read again", name, got.layers)
				}
			}
			if got := b.measure(contender{run: b.floor(warm).rebase}); got.count != (count{requests: b.goal(5)}) {
				t.Errorf("the floor makes %+v, want %d requests", got.count, b.goal(5))
			}
		})
	}
}

// fromBases is the floor, and a look at where the base's tag stands: the image is known by its digest.
func (b *bed) fromBases() int { return b.goal(5) + 1 }

// fromNothing is the floor, a look at both tags, and for each image the manifests and the configs of both bases. The
// bases of an index are indexes, to be read as well: of an index of one image that is two more than the goal.
func (b *bed) fromNothing() int {
	reading := 4 * b.shape.children()
	if b.shape.platforms != nil {
		reading += 2
	}
	return b.goal(5) + 2 + reading
}

// want judges a count, and what goes beside it: an attestation manifest and a statement to read for each image that
// names its base nowhere else; a statement and a manifest to write for each, and one config for all.
func (b *bed) want(when string, got count, most int) {
	b.t.Helper()
	if got.requests > most {
		b.t.Errorf("%s: %d requests, want %d at most", when, got.requests, most)
	}
	lineage, provenance := 0, 0
	if b.shape.platforms != nil {
		provenance = 2 + 3*b.shape.children()
	}
	if !b.shape.annotated {
		lineage = 2 * b.shape.children()
	}
	if got.provenance > provenance || got.lineage > lineage {
		b.t.Errorf("%s: %d requests to write provenance and %d to read it, want %d and %d at most",
			when, got.provenance, got.lineage, provenance, lineage)
	}
}

func TestCraneMakesMoreRequests(t *testing.T) {
	b := newBed(t, shape{changed: 1, annotated: true, size: tiny})
	theirs, library := b.measure(contender{run: craneProcess(t)}), b.measure(contender{run: craneRebase(t)})
	ours := b.measure(contender{run: b.newProduct(t.TempDir())})
	if ours.requests >= theirs.requests {
		t.Errorf("we make %d requests and crane %d", ours.requests, theirs.requests)
	}
	if library.count != theirs.count {
		t.Errorf("crane's library makes %+v, and its program %+v", library.count, theirs.count)
	}
}

func TestCraneRefusesAnIndex(t *testing.T) {
	program := cluster.SkipWithout(t, craneProgram)
	b := newBed(t, shape{changed: 1, platforms: platforms, annotated: true, size: tiny})
	app := b.place()
	said, err := process(t, program, "rebase", app.WithDigest("").String(), "-t", image.Reference{
		Repository: app.Repository, Tag: "1-patched",
	}.String())
	if err == nil || !strings.Contains(said, "rebasing an index is not yet supported") {
		t.Errorf("got %v: %s", err, said)
	}
}
