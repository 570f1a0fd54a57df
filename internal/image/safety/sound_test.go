package safety

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"path"
	"slices"
	"testing"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// TestWhatIsAllowedIsWhatABuildGives has random Dockerfiles built on random bases and proven, and every rebase that is
// allowed compared with the same Dockerfile built on the new base. Left out are steps that found nothing to do on the old
// base: no layer tells of them.
func TestWhatIsAllowedIsWhatABuildGives(t *testing.T) {
	const dockerfiles = 10_000
	random := rand.New(rand.NewSource(1))
	allowed, equal := 0, 0
	for range dockerfiles {
		old := randomFiles(random)
		new := maps.Clone(old)
		for range 1 + random.Intn(2) {
			new.release(random)
		}
		steps := randomSteps(random)
		built, ok := run(old, steps)
		again, stays := run(new, steps)
		if !ok || !stays || idle(old, built) {
			continue // a build that fails gives nothing to compare with
		}
		c, facts := pose(old, new, built, steps)
		results := Prove(c, facts, nil)
		rebased, rebuilt := flatten(stackOf(c, facts)).told(), again[len(again)-1]
		same := maps.Equal(rebased, rebuilt.told())
		if same {
			equal++
		}
		if !Allowed(results) {
			continue
		}
		if allowed++; !same {
			t.Fatalf("old %v\nnew %v\nsteps %v\nrebased %v\nrebuilt %v", old, new, steps, rebased, rebuilt.told())
		}
	}
	t.Logf("%d of %d Dockerfiles give the same either way, and %d are allowed", equal, dockerfiles, allowed)
	if allowed < dockerfiles/20 {
		t.Errorf("no more than %d are allowed: that proves little", allowed)
	}
}

// thing is what is at a path: a directory, a link or a file.
type thing struct {
	dir           bool
	link, content string
	owner         int
}

// files are a file system.
type files map[string]thing

func (f files) told() map[string]string {
	m := model{}
	for at := range f {
		m[at] = f.entry(at)
	}
	return m.told()
}

func (f files) entry(at string) layers.Entry {
	is := f[at]
	e := layers.Entry{Path: at, Kind: layers.File, Meta: layers.Sum{byte(is.owner)}, UID: is.owner, Link: is.link}
	switch {
	case is.dir:
		e.Kind = layers.Directory
	case is.link != "":
		e.Kind = layers.Symlink
	default:
		e.Content, e.Size = layers.SumOf([]byte(is.content)), int64(len(is.content))
	}
	return e
}

func (f files) below(above string) []string {
	var found []string
	for at := range f {
		if at != above && within(at, above) {
			found = append(found, at)
		}
	}
	slices.Sort(found)
	return found
}

func (f files) remove(at string) {
	for _, below := range f.below(at) {
		delete(f, below)
	}
	delete(f, at)
}

var errStep = errors.New("the step fails")

// write puts something at a path whose parents are directories, or can be made.
func (f files) write(at string, is thing) error {
	for dir := path.Dir(at); dir != "."; dir = path.Dir(dir) {
		if above, ok := f[dir]; ok && !above.dir {
			return errStep
		}
		if _, ok := f[dir]; !ok {
			f[dir] = thing{dir: true}
		}
	}
	if f[at].dir && !is.dir {
		return errStep
	}
	f[at] = is
	return nil
}

var (
	someDirs  = []string{"a", "b", "a/c", "b/c"}
	someNames = []string{"one.x", "two.x", "three.y", "c", "d"}
)

func randomPlace(random *rand.Rand) string {
	return path.Join(someDirs[random.Intn(len(someDirs))], someNames[random.Intn(len(someNames))])
}

func randomFiles(random *rand.Rand) files {
	f := files{"a": {dir: true}, "b": {dir: true}}
	for range 3 + random.Intn(6) {
		_ = f.write(randomPlace(random), randomThing(random))
	}
	return f
}

func randomThing(random *rand.Rand) thing {
	is := thing{owner: random.Intn(3) / 2, content: fmt.Sprintf("content %d", random.Intn(50))}
	switch random.Intn(8) {
	case 0:
		return thing{dir: true, owner: is.owner}
	case 1:
		return thing{link: randomPlace(random)}
	}
	return is
}

// release changes one thing, as a base's next release does.
func (f files) release(random *rand.Rand) {
	at := randomPlace(random)
	switch random.Intn(4) {
	case 0:
		f.remove(at)
	case 1:
		is, ok := f[at]
		if is.owner = 1 - is.owner; ok {
			f[at] = is
		}
	default:
		is := randomThing(random)
		if is.content != "" {
			is.content += " fixed"
		}
		_ = f.write(at, is)
	}
}

// pose puts the case of an image that was built on the old base, a layer for each step.
func pose(old, new files, built []files, steps []step) (Case, Facts) {
	c := Case{Platform: image.Platform{OS: "linux", Architecture: "amd64"}}
	facts := Facts{"old": old.layer(nil), "new": new.layer(nil)}
	ids, below, history := []string{"old"}, old, []image.History{}
	for n, f := range built {
		id := fmt.Sprint("step ", n)
		ids, facts[id], below = append(ids, id), f.layer(below), f
		history = append(history, image.History{CreatedBy: steps[n].says})
	}
	c.OldBase, c.NewBase, c.App = childOf("old"), childOf("new"), childOf(ids...)
	c.App.Config.History = history
	return c, facts
}

func childOf(ids ...string) image.Child {
	child := image.Child{Platform: image.Platform{OS: "linux", Architecture: "amd64"}, DiffIDs: ids}
	for range ids {
		child.Layers = append(child.Layers, image.Layer{MediaType: tarLayers[0]})
	}
	return child
}

// stackOf are the layers of the rebased image.
func stackOf(c Case, facts Facts) []layers.Facts {
	all := []layers.Facts{facts["new"]}
	for _, id := range c.App.DiffIDs[1:] {
		all = append(all, facts[id])
	}
	return all
}

// idle reports whether a step did nothing.
func idle(old files, built []files) bool {
	for _, f := range built {
		if maps.Equal(old, f) {
			return true
		}
		old = f
	}
	return false
}

// layer is what differs from the files below, with the directories above it.
func (f files) layer(below files) layers.Facts {
	var facts layers.Facts
	put := map[string]bool{}
	for at, is := range f {
		for was, ok := below[at]; (!ok || was != is) && at != "."; at = path.Dir(at) {
			put[at], ok = true, false
		}
	}
	for _, at := range slices.Sorted(maps.Keys(below)) {
		if _, stays := f[at]; !stays && (path.Dir(at) == "." || f[path.Dir(at)].dir) {
			facts.Entries = append(facts.Entries, layers.Entry{Path: at, Kind: layers.Whiteout})
		}
	}
	for _, at := range slices.Sorted(maps.Keys(put)) {
		facts.Entries = append(facts.Entries, f.entry(at))
	}
	return facts
}
