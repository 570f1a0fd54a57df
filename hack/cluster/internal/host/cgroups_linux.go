package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// own is the group, below the cluster's, of the node's own processes. Version
// 2 forbids processes in a group that has others below it.
const own = "node"

// controllers are those that pods may need. A host that lacks one still works.
var controllers = []string{"cpu", "cpuset", "memory", "pids", "io", "hugetlb"}

func mountedHierarchies() ([]hierarchy, error) {
	mountinfo, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer mountinfo.Close()
	return hierarchies(mountinfo)
}

// MakeCgroups makes the cluster's control groups and returns the folders of
// those that the node's own processes belong into.
func MakeCgroups(name string) ([]string, error) {
	list, err := mountedHierarchies()
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, h := range list {
		top := filepath.Join(h.path, name)
		for _, folder := range []string{top, filepath.Join(top, own)} {
			if err := h.make(folder); err != nil {
				return nil, err
			}
		}
		folders = append(folders, filepath.Join(top, own))
	}
	return folders, nil
}

func (h hierarchy) make(folder string) error {
	parent := filepath.Dir(folder)
	if h.v2 {
		// Controllers reach a group only when its parent hands them down.
		for _, c := range controllers {
			_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+c), 0) // if it is there
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if h.v2 {
		return nil
	}
	return inheritCPUs(parent, folder)
}

// inheritCPUs fills in what version 1's cpuset leaves empty, and without which
// no process may join.
func inheritCPUs(parent, folder string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(parent, file))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the hierarchy of another controller
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, file), value, 0); err != nil {
			return err
		}
	}
	return nil
}

// RemoveCgroups removes the cluster's control groups, and ends what is still
// in them: nothing but the node's processes ever is.
func RemoveCgroups(name string) error {
	list, err := mountedHierarchies()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(time.Minute)
	for _, h := range list {
		top := filepath.Join(h.path, name)
		for err := removeTree(top); err != nil; err = removeTree(top) {
			if time.Now().After(deadline) {
				return err
			}
			time.Sleep(20 * time.Millisecond) // processes take a moment to end
		}
	}
	return nil
}

// removeTree removes a group and all below it, the deepest ones first. Their
// files cannot be removed and go with them.
func removeTree(top string) error {
	var folders []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(folders)
	for _, folder := range folders {
		endProcesses(folder)
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func endProcesses(folder string) {
	procs, _ := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
	for field := range strings.FieldsSeq(string(procs)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
		}
	}
}
