package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/host"
)

// endLimit is how long the node's processes may take to end. Unmounting
// writes what was not yet written, which takes a while on slow disks.
const endLimit = time.Minute

// down ends the cluster and deletes its data. Only the cache of built parts
// stays.
func down(_ context.Context, c clone.Clone) error {
	if err := stop(c); err != nil {
		return err
	}
	if err := removeData(c); err != nil {
		return err
	}
	fmt.Println("the cluster is down, and its data is deleted")
	return nil
}

// stop ends all that runs and removes all that is on the host. It relies on
// nothing being as it should: each step looks for what is there.
func stop(c clone.Clone) error {
	return errors.Join(
		killNode(c),
		host.RemoveCgroups(c.Cgroup()),
		host.Disconnect(c.Interface()),
		host.CloseFirewall(c.Chain()),
		host.RestoreForwarding(),
		remove(c.In("env")),
		remove(c.In("node.pid")),
	)
}

// killNode ends the node's first process, with which all others end.
func killNode(c clone.Clone) error {
	id, alive := readIdentity(c)
	if !alive {
		return nil
	}
	if err := syscall.Kill(id.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	for deadline := time.Now().Add(endLimit); id.runs(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("process %d does not end", id.pid)
		}
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// removeData makes sure that it deletes nothing that is only mounted there.
func removeData(c clone.Clone) error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(unescape(fields[4]), c.Data()+"/") {
			return fmt.Errorf("%s is a mount point: unmount it, then run down again", unescape(fields[4]))
		}
	}
	return os.RemoveAll(c.Data())
}

// unescape undoes what the kernel does to paths in its lists of mounts.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}
