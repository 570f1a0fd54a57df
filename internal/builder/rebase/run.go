package rebase

import "encoding/json"

// merge is a three-way merge of configs.
type merge struct {
	app, old, new config
	witness       witness
}

// setBy names, for fields that are followed or kept as a whole, the instruction by which a Dockerfile sets them.
var setBy = map[string]string{
	"User": "USER", "WorkingDir": "WORKDIR", "StopSignal": "STOPSIGNAL", "Shell": "SHELL", "Healthcheck": "HEALTHCHECK",
}

// keySetBy does the same for fields that are merged key by key.
var keySetBy = map[string]string{"Labels": "LABEL", "ExposedPorts": "EXPOSE", "Volumes": "VOLUME"}

// run merges how a container is run, field by field.
func (m merge) run() map[string]any {
	merged := map[string]any{}
	for _, name := range keysOf(m.app.run, m.new.run) {
		if value := m.runField(name); value != nil {
			merged[name] = value
		}
	}
	return merged
}

// runField is what one field becomes; nil if it is not there any more.
func (m merge) runField(name string) any {
	switch name {
	case "Env":
		return m.env()
	case "Entrypoint":
		return present(m.field(name).value(m.setsEntrypoint()))
	case "Cmd", "ArgsEscaped":
		return present(m.field(name).value(m.setsCommand()))
	case "OnBuild":
		// A base's triggers ran when the app was built on it, and are nothing to what is built on the app.
		return present(m.app.run[name])
	case "Labels", "ExposedPorts", "Volumes":
		return m.keyed(name)
	}
	return present(m.field(name).value(m.witness.says(setBy[name])))
}

func (m merge) field(name string) field {
	return field{m.app.run[name], m.old.run[name], m.new.run[name]}
}

// setsEntrypoint tells whether the app has an entrypoint of its own.
func (m merge) setsEntrypoint() bool {
	return m.witness.says("ENTRYPOINT") || !same(m.app.run["Entrypoint"], m.old.run["Entrypoint"])
}

// setsCommand tells whether the app has a command of its own. One with an entrypoint of its own has, even if that is
// none: ENTRYPOINT takes the base's command away, which would make no sense as its arguments.
func (m merge) setsCommand() bool {
	return m.setsEntrypoint() || m.witness.says("CMD") || !same(m.app.run["Cmd"], m.old.run["Cmd"])
}

func (m merge) env() any {
	system := m.app.platform.OS
	app, old, new := parseEnv(m.app.env, system), parseEnv(m.old.env, system), parseEnv(m.new.env, system)
	merged := mergeEnv(app, old, new, func(name string) bool { return m.witness.names("ENV", name) })
	if len(merged) == 0 {
		return m.leftEmpty("Env")
	}
	return merged
}

func (m merge) keyed(name string) any {
	instruction := keySetBy[name]
	merged := keyed(m.app.keyed[name], m.old.keyed[name], m.new.keyed[name],
		func(key string) bool { return m.witness.names(instruction, key) })
	if merged == nil {
		return m.leftEmpty(name)
	}
	return merged
}

// leftEmpty is a field of which nothing is left: as the app spells that, if it does.
func (m merge) leftEmpty(name string) any {
	if raw := m.app.run[name]; unset(raw) {
		return present(raw)
	}
	return nil
}

// present is a value, or an any that is nil where there is none.
func present(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}
