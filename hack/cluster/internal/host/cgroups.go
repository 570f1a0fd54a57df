package host

import (
	"bufio"
	"io"
	"strings"
)

// hierarchy is one tree of control groups. Version 1 has one for each
// controller, version 2 a single one for all; some hosts have both kinds.
type hierarchy struct {
	path string
	v2   bool
}

// hierarchies reads those below /sys/fs/cgroup from the format of
// /proc/self/mountinfo.
func hierarchies(mountinfo io.Reader) ([]hierarchy, error) {
	var list []hierarchy
	lines := bufio.NewScanner(mountinfo)
	for lines.Scan() {
		mount, kind, found := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(mount)
		if !found || len(fields) < 5 || !strings.HasPrefix(fields[4], "/sys/fs/cgroup") {
			continue
		}
		switch name, _, _ := strings.Cut(kind, " "); name {
		case "cgroup":
			list = append(list, hierarchy{path: fields[4]})
		case "cgroup2":
			list = append(list, hierarchy{path: fields[4], v2: true})
		}
	}
	return list, lines.Err()
}
