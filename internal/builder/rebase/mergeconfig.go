package rebase

import (
	"slices"
	"strings"
)

// untrue are fields of a config that tell of the container and the parent that the old image was made from, as Docker's
// classic builder writes them.
var untrue = []string{"id", "parent", "container", "container_config"}

// buildKitFields begin with this: what BuildKit keeps of its cache and its sources, by the old layers' numbers.
const buildKitFields = "moby.buildkit."

// mergeConfigs gives the config of the app on the new base.
func mergeConfigs(app, old, new config) map[string]any {
	own, known := ownHistory(app.history, old.history)
	m := merge{app: app, old: old, new: new, witness: newWitness(own)}
	layers := slices.Concat(new.diffIDs, app.diffIDs[len(old.diffIDs):])
	merged := map[string]any{
		"config": m.run(),
		"rootfs": map[string]any{"type": "layers", "diff_ids": layers},
	}
	for _, name := range keysOf(app.top, new.top) {
		if value := m.topField(name); value != nil {
			merged[name] = value
		}
	}
	if history := mergeHistory(new.history, own, len(layers)); known && history != nil {
		merged["history"] = history
	}
	return merged
}

// topField is what becomes of a field beside config, rootfs and history; nil if it is not there any more.
func (m merge) topField(name string) any {
	if slices.Contains(untrue, name) || strings.HasPrefix(name, buildKitFields) {
		return nil
	}
	switch name {
	case "config", "rootfs", "history":
		return nil
	case "os", "architecture":
		return present(m.app.top[name])
	case "os.version", "os.features":
		return present(m.new.top[name])
	case "created":
		return m.created()
	}
	set := name == "author" && m.witness.says("MAINTAINER")
	return present(field{m.app.top[name], m.old.top[name], m.new.top[name]}.value(set))
}

// created is the later of the app's and the new base's times, since there was no such image before either; never the
// time of the rebase. Without a time that can be read there is none.
func (m merge) created() any {
	switch {
	case m.app.created.IsZero() && m.new.created.IsZero():
		return nil
	case m.new.created.After(m.app.created):
		return m.new.top["created"]
	}
	return m.app.top["created"]
}
