package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
)

// identity is the node's first process. Its start time tells it from a later
// process that got the same number.
type identity struct {
	pid     int
	started string
}

func writeIdentity(c clone.Clone, pid int) error {
	_, started, err := processState(pid)
	if err != nil {
		return err
	}
	return os.WriteFile(c.In("node.pid"), []byte(fmt.Sprintf("%d %s\n", pid, started)), 0o644)
}

// readIdentity returns the node's first process and whether it still runs.
func readIdentity(c clone.Clone) (identity, bool) {
	var id identity
	content, err := os.ReadFile(c.In("node.pid"))
	if err != nil {
		return id, false
	}
	if _, err := fmt.Sscan(string(content), &id.pid, &id.started); err != nil {
		return id, false
	}
	return id, id.runs()
}

func (id identity) runs() bool {
	state, started, err := processState(id.pid)
	return err == nil && started == id.started && state != "Z"
}

// processState reads a process's state and when it started.
func processState(pid int) (state, started string, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", "", err
	}
	// The second field is the command's name, which may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return "", "", fmt.Errorf("cannot read /proc/%d/stat", pid)
	}
	return fields[0], fields[19], nil
}
