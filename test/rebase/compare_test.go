//go:build integration

package rebase

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// differences are those between the patched image of a digest and the one that is built anew, on every platform, as
// lines that begin with - for what the build gave and + for what the rebase did.
func (w *work) differences(patched string) ([]string, error) {
	w.t.Helper()
	anew, err := w.make("anew:v1", w.now)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, platform := range w.on() {
		want, err := w.looks(platform, "anew", anew)
		if err != nil {
			return nil, err
		}
		got, err := w.looks(platform, "patched", patched)
		if err != nil {
			return nil, err
		}
		for _, line := range diff(want, got) {
			lines = append(lines, platform+" "+line)
		}
	}
	return lines, nil
}

// looks is all that is compared of an image.
func (w *work) looks(platform, name, digest string) (string, error) {
	w.t.Helper()
	files, err := w.node.look(w.t.Context(), w.at(name+"@"+digest), platform)
	return w.configuration(platform, name, digest) + files, err
}

// configuration is what an image says of how it is run, a line for each field. The order of the environment means
// nothing.
func (w *work) configuration(platform, name, digest string) string {
	w.t.Helper()
	whole, err := w.readFor(platform, name, digest).ConfigFile()
	must(w.t, err)
	config := *whole.Config.DeepCopy()
	slices.Sort(config.Env)
	content, err := json.Marshal(config)
	must(w.t, err)
	fields := map[string]json.RawMessage{}
	must(w.t, json.Unmarshal(content, &fields))
	lines := []string{fmt.Sprintf("platform %s/%s %q %q\n", whole.OS, whole.Architecture, whole.Variant, whole.OSVersion)}
	for field, value := range fields {
		lines = append(lines, fmt.Sprintf("config %s %s\n", field, value))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// diff compares texts whose lines are all different from one another.
func diff(want, got string) []string {
	all := map[string]int{}
	for line := range strings.Lines(want) {
		all[line]--
	}
	for line := range strings.Lines(got) {
		all[line]++
	}
	var lines []string
	for line, n := range all {
		switch {
		case n < 0:
			lines = append(lines, "- "+strings.TrimSuffix(line, "\n"))
		case n > 0:
			lines = append(lines, "+ "+strings.TrimSuffix(line, "\n"))
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return lines
}
