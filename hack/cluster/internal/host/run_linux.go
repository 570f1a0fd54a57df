// Package host is what the cluster needs of the host itself: packages, a
// cable to the node, a way out for it, and control groups. Whatever it makes
// has a name that is known beforehand, so that all of it can be removed
// without a record of what was made.
package host

import (
	"fmt"
	"os/exec"
	"strings"
)

// run runs a command given as one line.
func run(line string) error {
	fields := strings.Fields(line)
	if out, err := exec.Command(fields[0], fields[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// runAll runs one after the other until one fails.
func runAll(lines ...string) error {
	for _, line := range lines {
		if err := run(line); err != nil {
			return err
		}
	}
	return nil
}
