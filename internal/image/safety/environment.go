package safety

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/respin-dev/respin/internal/image"
)

// named is a value of the app's configuration that the app set itself.
type named struct{ name, value string }

// checkEnvironment looks whether the app's configuration holds values of variables that the new base changed or removed:
// ENV, LABEL, USER, WORKDIR and STOPSIGNAL may be made of them, and a build would make them anew. Lists such as PATH
// are taken apart by the rebase: see image.Rebased.
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
	}
	return pass("the image's configuration holds nothing of the %d variables that the new base changed", changed)
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
	_, stays := new[name]
	_, isList := image.Rebased(value, old[name], new[name])
	return stays && isList && strings.Count(value, old[name]) == 1
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
