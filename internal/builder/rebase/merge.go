package rebase

import (
	"encoding/json"
	"maps"
	"slices"
)

// field is one field in three configs: the app's, its old base's, the new base's.
type field struct {
	app, old, new json.RawMessage
}

// value is the rule of every field that has no other: what the app left as its old base had it follows the new base, and
// what it set stays. Set says that the app set it, although it may look as it was. Nil is a field that is not there.
func (f field) value(set bool) json.RawMessage {
	if set || !same(f.app, f.old) {
		return f.app
	}
	return f.new
}

// keyed merges the three objects of a field key by key. It is nil if nothing is left.
func keyed(app, old, new object, set func(key string) bool) object {
	var merged object
	for _, key := range keysOf(app, new) {
		value := field{app[key], old[key], new[key]}.entry(set(key))
		if value == nil {
			continue
		}
		if merged == nil {
			merged = object{}
		}
		merged[key] = value
	}
	return merged
}

// entry is value for an object's entry, where being there says something even with an empty value: a port's is {}.
func (f field) entry(set bool) json.RawMessage {
	if set || (f.app == nil) != (f.old == nil) || !same(f.app, f.old) {
		return f.app
	}
	return f.new
}

// keysOf are the objects' keys, each once and in order.
func keysOf(objects ...object) []string {
	all := map[string]bool{}
	for _, o := range objects {
		for key := range o {
			all[key] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
