package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/health"
	"github.com/respin-dev/respin/hack/cluster/internal/node"
)

// shown is how many lines of a failed component's log are printed.
const shown = 15

// explain adds to why the cluster did not start what its log says. The second
// error is of the cleaning up.
func explain(c clone.Clone, err, cleanup error) error {
	component := culprit(err)
	if component == "" {
		return errors.Join(err, cleanup)
	}
	log := c.Log(component)
	return errors.Join(fmt.Errorf("%w\nThe last lines of %s:\n%s", err, log, tail(log)), cleanup)
}

func culprit(err error) string {
	var ended node.Failure
	if errors.As(err, &ended) {
		return ended.Component
	}
	var unready *health.Error
	if errors.As(err, &unready) {
		return unready.Component
	}
	return ""
}

func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return "  (there is no log)"
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	lines = lines[max(0, len(lines)-shown):]
	return "  " + strings.Join(lines, "\n  ")
}
