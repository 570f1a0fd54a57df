package safety

import (
	"maps"
	"math/rand"
	"testing"
	"testing/quick"

	"github.com/respin-dev/respin/internal/image/layers"
)

// TestAForkIsWhatFlatteningAllGives compares forks with trees that share nothing, on random layers, some of them behind
// links, and looks whether what was forked stays as it was.
func TestAForkIsWhatFlatteningAllGives(t *testing.T) {
	agree := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		below := []layers.Facts{linked(random), randomLayer(random)}
		one, two := []layers.Facts{randomLayer(random), randomLayer(random)}, []layers.Facts{randomLayer(random)}
		base := flatten(below)
		was := base.told()
		first, second := base.fork(), base.fork()
		for _, f := range one {
			locateAndApply(first, f)
		}
		second.add(two)
		return maps.Equal(base.told(), was) &&
			maps.Equal(first.told(), flatten(append(below[:2:2], one...)).told()) &&
			maps.Equal(second.told(), flatten(append(below[:2:2], two...)).told())
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 5000, Rand: rand.New(rand.NewSource(1))}); err != nil {
		t.Error(err)
	}
}

// linked is a layer with a link at one of the paths of random layers, and something where it leads.
func linked(random *rand.Rand) layers.Facts {
	from, to := randomPath(random), randomPath(random)
	return layers.Facts{Entries: []layers.Entry{
		{Path: to + "/d", Kind: layers.File}, {Path: from, Kind: layers.Symlink, Link: "/" + to},
	}}
}

// locateAndApply applies a layer as it is followed: where an entry goes is looked up before it is applied.
func locateAndApply(t *tree, f layers.Facts) {
	t.begin()
	for i := range f.Entries {
		t.locate(&f.Entries[i])
		t.apply(&f, &f.Entries[i])
	}
}
