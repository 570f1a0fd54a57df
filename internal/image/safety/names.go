package safety

import "strings"

// WaivableNames are the names of the checks that can be waived, for a person to read.
func WaivableNames() string {
	var names []string
	for _, name := range Checks {
		if Waivable(name) {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, ", ")
}
