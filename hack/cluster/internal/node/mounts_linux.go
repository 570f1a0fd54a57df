package node

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/respin-dev/respin/hack/cluster/internal/config"
)

// setUpMounts gives the node its own /run, /var and /proc. Daemons then use
// their usual paths, and none of them is the host's.
func setUpMounts(s Spec) error {
	// Nothing that is mounted from here on reaches the host.
	if err := mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE); err != nil {
		return err
	}
	resolvConf, _ := filepath.EvalSymlinks("/etc/resolv.conf") // before /run is hidden
	for _, step := range []func() error{
		func() error { return mountRun(s) },
		mountVar,
		func() error {
			return mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC)
		},
		func() error { return cover(resolvConf, config.Config+"/resolv.conf") },
		coverSysctls,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	// Volumes may ask that mounts made later reach them.
	return mount("none", "/", "", syscall.MS_REC|syscall.MS_SHARED)
}

// mountRun replaces /run by an empty one that holds the cluster's folders. It
// is filled elsewhere and then moved, as the checkout may itself be in /run or
// /var.
func mountRun(s Spec) error {
	stage := filepath.Join(s.Data, "run")
	if err := os.MkdirAll(stage, 0o755); err != nil {
		return err
	}
	if err := mount("tmpfs", stage, "tmpfs", 0); err != nil {
		return err
	}
	for source, target := range map[string]string{s.Data: config.Data, s.Cache: config.Parts} {
		target = filepath.Join(s.Data, target) // config.Data begins with /run
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := mount(source, target, "", syscall.MS_BIND); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(stage, "lock"), 0o755); err != nil {
		return err
	}
	return mount(stage, "/run", "", syscall.MS_MOVE)
}

// mountVar replaces /var by a folder of the cluster's.
func mountVar() error {
	own := config.Data + "/var"
	for _, dir := range []string{"cache", "lib", "log", "tmp"} {
		if err := os.MkdirAll(filepath.Join(own, dir), 0o755); err != nil {
			return err
		}
	}
	for link, target := range map[string]string{"run": "/run", "lock": "/run/lock"} {
		if err := os.Symlink(target, filepath.Join(own, link)); err != nil && !os.IsExist(err) {
			return err
		}
	}
	return mount(own, "/var", "", syscall.MS_BIND)
}

// cover shows the node another file in the place of one of the host's.
func cover(path, by string) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// What was in /run is hidden now, and needs something to be mounted on.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		return err
	}
	f.Close()
	return mount(by, path, "", syscall.MS_BIND)
}

// sysctls are what the kubelet insists on setting for the whole machine.
var sysctls = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// coverSysctls shows the kubelet the values that it wants, so that it leaves
// the host's kernel alone.
func coverSysctls() error {
	for name, value := range sysctls {
		real, fake := "/proc/sys/"+name, "/run/respin/sysctl/"+name
		if _, err := os.Stat(real); err != nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(fake), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(fake, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := mount(fake, real, "", syscall.MS_BIND); err != nil {
			return err
		}
	}
	return nil
}

func mount(source, target, kind string, flags uintptr) error {
	if err := syscall.Mount(source, target, kind, flags, ""); err != nil {
		return fmt.Errorf("mounting %s on %s: %w", source, target, err)
	}
	return nil
}
