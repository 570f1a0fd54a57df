package safety

import (
	"slices"
	"strings"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// own is a layer that the app has above its base's.
type own struct {
	facts layers.Facts
	// maker is the instruction that made it, such as RUN; empty where that is not known.
	maker string
}

// copies reports whether the layer holds what it was given, whatever the base has: RUN might do anything.
func (o own) copies() bool {
	return o.maker == "COPY" || o.maker == "ADD" || o.maker == "WORKDIR"
}

// ownLayers says of each layer who made it.
func ownLayers(c Case, facts []layers.Facts) []own {
	all := make([]own, len(facts))
	for i, f := range facts {
		all[i].facts = f
	}
	steps, ok := ownSteps(c)
	steps = slices.DeleteFunc(slices.Clone(steps), func(h image.History) bool { return h.EmptyLayer })
	if ok && len(steps) == len(all) {
		for i, step := range steps {
			all[i].maker = instruction(step.CreatedBy)
		}
	}
	return all
}

// ownSteps are the history of the app's own making. It is not ok where the app's history does not begin with its base's,
// or has nothing beside that: then it tells nothing.
func ownSteps(c Case) (steps []image.History, ok bool) {
	base, app := c.OldBase.Config.History, c.App.Config.History
	if len(app) <= len(base) || !slices.Equal(app[:len(base)], base) {
		return nil, false
	}
	return app[len(base):], true
}

// instruction is the Dockerfile's instruction in a history entry: BuildKit writes it first, and RUN as well; Docker's
// classic builder writes a shell's command, in which "#(nop)" marks all but RUN.
func instruction(createdBy string) string {
	_, classic, marked := strings.Cut(createdBy, "#(nop)")
	if marked {
		createdBy = classic
	}
	name, _, _ := strings.Cut(strings.TrimSpace(createdBy), " ")
	switch {
	case !marked && (name == "/bin/sh" || strings.HasPrefix(name, "|")):
		return "RUN"
	case slices.Contains(instructions, name):
		return name
	}
	return ""
}

var instructions = []string{
	"ADD", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL",
	"STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// write is something that an own layer does to a path.
type write struct {
	*layers.Entry
	// layer is the layer's place among the own ones, from 0.
	layer int
	// at is where it happens: the entry's path, with the links above it resolved or not. An entry behind a link is there
	// twice, since runtimes differ in what they do with it.
	at string
	// was is what was there before, on the old base; nil if nothing was.
	was *layers.Entry
	// astray is true where it happens at different paths on the two bases.
	astray bool
	// adrift is true of a hard link to something that the two bases do not have in common.
	adrift bool
}

// follow applies the own layers to both bases, and tells what they do.
func follow(all []own, before, after *tree) []write {
	entries := 0
	for n := range all {
		entries += len(all[n].facts.Entries)
	}
	writes := make([]write, 0, entries)
	for n := range all {
		before.begin()
		after.begin()
		for i := range all[n].facts.Entries {
			e := &all[n].facts.Entries[i]
			writes = appendWrites(writes, e, n, before, after)
			before.apply(&all[n].facts, e)
			after.apply(&all[n].facts, e)
		}
	}
	return writes
}

func appendWrites(writes []write, e *layers.Entry, layer int, before, after *tree) []write {
	onOld, onNew := before.locate(e), after.locate(e)
	w := write{Entry: e, layer: layer, at: e.Path, astray: onOld != onNew, adrift: adrift(e, before, after)}
	first := len(writes)
	writes = append(writes, w)
	for _, at := range []string{onOld, onNew} {
		if !slices.ContainsFunc(writes[first:], func(o write) bool { return o.at == at }) {
			w.at = at
			writes = append(writes, w)
		}
	}
	for i := first; i < len(writes); i++ {
		if n := before.at(writes[i].at); n != nil {
			writes[i].was = n.entry
		}
	}
	return writes
}

func adrift(e *layers.Entry, before, after *tree) bool {
	if e.Kind != layers.Hardlink {
		return false
	}
	onOld, _ := before.find(e.Link, false)
	onNew, _ := after.find(e.Link, false)
	return onOld == nil || !same(onOld, onNew)
}

// deletes reports whether something is taken away with all that is below it, or hidden.
func (w write) deletes() bool { return w.Kind == layers.Whiteout || w.Kind == layers.Opaque }

// touches reports whether the write does something to a path, to what is below it, or to a directory above it other than
// to be there.
func (w write) touches(target string) bool {
	return w.Kind != layers.Directory && (within(w.at, target) || within(target, w.at))
}

// within reports whether a path is another one, or below it.
func within(at, above string) bool {
	return above == "." || at == above || strings.HasPrefix(at, above) && at[len(above)] == '/'
}

// unchanged reports whether the write only has a directory of the old base along, as it was: that is how layers say
// where their files are.
func (p *proof) unchanged(w write) bool {
	was := p.old.at(w.at)
	return w.Kind == layers.Directory && was.is(layers.Directory) && was.entry.Meta == w.Meta
}
