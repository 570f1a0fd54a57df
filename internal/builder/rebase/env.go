package rebase

import (
	"strings"

	"github.com/respin-dev/respin/internal/image"
)

// variable is an entry of an environment.
type variable struct {
	key   string // the name, in capitals on Windows, where it is the same in any case
	name  string
	value string
	entry string // NAME=value as it was written
}

// environment is a list of variables, each once.
type environment struct {
	all []variable
	at  map[string]int
}

// parseEnv reads NAME=value entries. Of a name that is there twice the last value counts, as it does in a container.
func parseEnv(entries []string, os string) environment {
	env := environment{at: map[string]int{}}
	for _, entry := range entries {
		v := variable{entry: entry}
		v.name, v.value, _ = strings.Cut(entry, "=")
		v.key = v.name
		if os == "windows" {
			v.key = strings.ToUpper(v.name)
		}
		if at, twice := env.at[v.key]; twice {
			env.all[at] = v
			continue
		}
		env.at[v.key] = len(env.all)
		env.all = append(env.all, v)
	}
	return env
}

func (e environment) find(key string) (variable, bool) {
	at, ok := e.at[key]
	if !ok {
		return variable{}, false
	}
	return e.all[at], true
}

// mergeEnv merges environments variable by variable, in the order that building anew would give: the new base's, then
// what the app added. Of a list such as PATH, what the app added stays around what the new base has: see image.Rebased.
func mergeEnv(app, old, new environment, set func(name string) bool) []string {
	var merged []string
	for _, base := range new.all {
		if entry, ok := overBase(base, app, old, set); ok {
			merged = append(merged, entry)
		}
	}
	for _, own := range app.all {
		_, inNew := new.find(own.key)
		before, inOld := old.find(own.key)
		inherited := inOld && before.value == own.value && !set(own.name)
		if !inNew && !inherited {
			merged = append(merged, own.entry)
		}
	}
	return merged
}

// overBase is what becomes of a variable that the new base has. It is not ok where the app took it away.
func overBase(base variable, app, old environment, set func(name string) bool) (entry string, ok bool) {
	own, inApp := app.find(base.key)
	before, inOld := old.find(base.key)
	switch {
	case !inApp:
		return base.entry, !inOld
	case !inOld, set(own.name) && own.value == before.value:
		return own.entry, true
	case own.value == before.value:
		return base.entry, true
	}
	if value, ok := image.Rebased(own.value, before.value, base.value); ok {
		return own.name + "=" + value, true
	}
	return own.entry, true
}
