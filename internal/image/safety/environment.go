package safety

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// named is a value under a name.
type named struct{ name, value string }

// checkEnvironment looks whether the app holds values of variables that the new base changed or removed: ENV, LABEL,
// USER, WORKDIR and STOPSIGNAL may be made of them, and paths and whole files, and a build would make them anew. Lists
// such as PATH are taken apart by the rebase: see image.Rebased.
func checkEnvironment(p *proof) verdict {
	app, old, new := variables(p.App.Config.Env), variables(p.OldBase.Config.Env), variables(p.NewBase.Config.Env)
	changed := 0
	for _, name := range slices.Sorted(maps.Keys(old)) {
		value, stays := new[name]
		if value == old[name] && stays || old[name] == "" {
			continue
		}
		changed++
		if !follows(name, app, old, new) {
			return refuse("the image's variable %s holds the old base's value, which the new base changed, in a way that cannot be told", quote(name))
		}
		for _, set := range p.setByApp(app, old) {
			if set.name != name && holds(set.value, old[name]) {
				return refuse("the image's %s holds the old base's value of %s, which the new base changed", quote(set.name), quote(name))
			}
		}
		if found := p.written(named{name, old[name]}); !found.none() {
			return found.refuse()
		}
	}
	return pass("the image holds nothing of the %d variables that the new base changed", changed)
}

// written finds files that consist of a variable's value, and paths that have it in them.
func (p *proof) written(v named) *findings {
	found := &findings{p: p}
	whole := map[layers.Sum]bool{layers.SumOf([]byte(v.value)): true, layers.SumOf([]byte(v.value + "\n")): true}
	part := strings.Trim(v.value, "/")
	for _, w := range p.writes {
		switch {
		case w.Kind == layers.File && whole[w.Content]:
			found.add(w.layer, "holds %s, which says the old base's value of "+quote(v.name)+", which the new base changed", w.at)
		case len(part) >= longEnough && p.old.at(w.at) == nil && strings.Contains(w.at, part):
			found.add(w.layer, "writes %s, whose name has the old base's value of "+quote(v.name)+" in it, which the new base changed", w.at)
		}
	}
	return found
}

// variables are an environment's, by name. The last one of a name counts.
func variables(env []string) map[string]string {
	all := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		all[name] = value
	}
	return all
}

// follows reports whether the app's own value of a variable is the old base's, or a list around it, or has nothing of it.
func follows(name string, app, old, new map[string]string) bool {
	value, has := app[name]
	if !has || value == old[name] || !holds(value, old[name]) {
		return true
	}
	rest, isList := image.Rebased(value, old[name], "")
	_, twice := image.Rebased(rest, old[name], "")
	_, stays := new[name]
	return stays && isList && !twice
}

// setByApp is what the app's configuration has and its base's has not, of what a Dockerfile may make of variables.
func (p *proof) setByApp(app, old map[string]string) []named {
	var set []named
	add := func(name, value, base string) {
		if value != base {
			set = append(set, named{name, value})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(app)) {
		add(name, app[name], old[name])
	}
	for _, name := range slices.Sorted(maps.Keys(p.App.Config.Labels)) {
		add("label "+name, p.App.Config.Labels[name], p.OldBase.Config.Labels[name])
	}
	add("USER", p.App.Config.User, p.OldBase.Config.User)
	add("WORKDIR", p.App.Config.WorkingDir, p.OldBase.Config.WorkingDir)
	add("STOPSIGNAL", p.App.Config.StopSignal, p.OldBase.Config.StopSignal)
	return set
}

// longEnough is how long a value has to be, in bytes, to be found within words by no chance.
const longEnough = 4

// holds reports whether a value has another one in it: anywhere, or as a word of its own if that is short.
func holds(value, part string) bool {
	for at := 0; ; {
		found := strings.Index(value[at:], part)
		if found < 0 {
			return false
		}
		from := at + found
		if len(part) >= longEnough || bounded(value, from, from+len(part)) {
			return true
		}
		at = from + 1
	}
}

// bounded reports whether no letter and no digit is right before or behind a part of a string.
func bounded(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before) && !unicode.IsLetter(after) && !unicode.IsDigit(after)
}
