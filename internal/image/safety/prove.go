package safety

import (
	"slices"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// Needs are the layers that a proof of the cases has to know, each once. What could not be proven anyway needs none.
func Needs(cases []Case) []Layer {
	var needs []Layer
	known := map[string]bool{}
	add := func(ref image.Reference, child image.Child) {
		for i, id := range child.DiffIDs {
			if !known[id] {
				known[id] = true
				needs = append(needs, Layer{Ref: ref, Layer: child.Layers[i], DiffID: id})
			}
		}
	}
	for _, c := range cases {
		if stacked(c).passed && checkPlatform(&proof{Case: c}).passed {
			// The app's image has the old base's layers as well, and its repository keeps them for as long as it is there.
			add(c.AppRef, c.App)
			add(c.NewRef, c.NewBase)
		}
	}
	return needs
}

// Prove makes the checks, and tells what each came to, in the order of Checks; the ones that are allowed to be refused
// are waived where they are. Where Layers refuses, there are no files to compare: the checks that do are left out.
func Prove(c Case, facts Facts, allow []Check) []Result {
	p := newProof(c, facts)
	var results []Result
	for _, check := range checks {
		if check.files && !p.ready() {
			continue
		}
		v := check.of(p)
		result := Result{Check: check.name, Platform: c.Platform, Passed: v.passed, Reason: v.reason}
		if !v.passed {
			result.Waived = check.waivable && slices.Contains(allow, check.name)
			result.Reason += remedy(check)
		}
		results = append(results, result)
	}
	return results
}

func remedy(c check) string {
	if c.waivable {
		return "; declare a build, or allow " + string(c.name)
	}
	return "; declare a build"
}

// Allowed reports whether nothing speaks against the rebase: there are results, and every check has passed or is waived.
func Allowed(results []Result) bool {
	return len(results) > 0 && !slices.ContainsFunc(results, func(r Result) bool { return !r.Passed && !r.Waived })
}

// proof is a case with what the checks look at.
type proof struct {
	Case
	structure verdict
	// own are the app's layers above its base's.
	own []own
	// old and new are the bases' files.
	old, new *tree
	diff     *difference
	// writes are what the own layers do.
	writes []write
	// before and after are the old and the new base with the own layers on them.
	before, after *tree
}

// ready reports whether files can be compared.
func (p *proof) ready() bool { return p.structure.passed }

func newProof(c Case, facts Facts) *proof {
	p := &proof{Case: c, structure: stacked(c)}
	if !p.ready() {
		return p
	}
	old, okOld := pick(facts, c.OldBase.DiffIDs)
	new, okNew := pick(facts, c.NewBase.DiffIDs)
	above, okOwn := pick(facts, c.App.DiffIDs[len(c.OldBase.DiffIDs):])
	if !okOld || !okNew || !okOwn {
		p.structure = refuse("not every layer of the image and its bases has been read")
		return p
	}
	p.own = ownLayers(c, above)
	p.old, p.new = flattenBoth(old, new, shared(c.OldBase.DiffIDs, c.NewBase.DiffIDs))
	p.before, p.after = p.old.fork(), p.new.fork()
	p.writes = follow(p.own, p.before, p.after)
	for _, t := range []*tree{p.old, p.new, p.before, p.after} {
		if t.err != nil {
			p.structure = refuse("the files of the layers cannot be told: %v", t.err)
			return p
		}
	}
	p.diff = compare(p.old, p.new)
	return p
}

// shared is how many layers two bases have in common, from the first.
func shared(old, new []string) int {
	n := 0
	for n < min(len(old), len(new)) && old[n] == new[n] {
		n++
	}
	return n
}

func pick(facts Facts, ids []string) (picked []layers.Facts, ok bool) {
	for _, id := range ids {
		fact, known := facts[id]
		if !known {
			return nil, false
		}
		picked = append(picked, fact)
	}
	return picked, true
}
