package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// needs maps what the cluster uses of the system to the Debian package that
// has it.
var needs = []struct{ what, debian string }{
	{"runc", "runc"},
	{"iptables", "iptables"},
	{"ip", "iproute2"},
	{"mount", "mount"}, // the kubelet's volumes
	{"git", "git"},     // BuildKit's Git contexts
	{"/etc/ssl/certs/ca-certificates.crt", "ca-certificates"},
}

// pluginFolders are where distributions put the CNI plugins.
var pluginFolders = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

const pluginPackage = "containernetworking-plugins"

// NoInstall is the environment variable that forbids installing packages.
const NoInstall = "RESPIN_NO_INSTALL"

// PluginFolder is where the CNI plugins are, or "".
func PluginFolder() string {
	for _, folder := range pluginFolders {
		if _, err := os.Stat(filepath.Join(folder, "ptp")); err == nil {
			return folder
		}
	}
	return ""
}

// EnsurePackages installs what is missing, on Debian and its derivatives.
func EnsurePackages(ctx context.Context, out io.Writer) error {
	missing := missingPackages()
	if len(missing) == 0 {
		return nil
	}
	install := "apt-get install --yes --no-install-recommends " + strings.Join(missing, " ")
	if !found("apt-get") {
		return fmt.Errorf("missing on this system, under whatever names it has them: %s", strings.Join(missing, " "))
	}
	if os.Getenv(NoInstall) != "" {
		return errors.New("packages are missing; install them with: apt-get update && " + install)
	}
	fmt.Fprintf(out, "installing Debian packages: %s\n", strings.Join(missing, " "))
	if apt(ctx, install) == nil {
		return nil
	}
	// The lists may be missing or out of date.
	if err := apt(ctx, "apt-get update"); err != nil {
		return err
	}
	return apt(ctx, install)
}

func missingPackages() []string {
	var missing []string
	for _, need := range needs {
		if !found(need.what) {
			missing = append(missing, need.debian)
		}
	}
	if PluginFolder() == "" {
		missing = append(missing, pluginPackage)
	}
	return missing
}

// found looks for a command, or for a file that is named by its path.
func found(what string) bool {
	if filepath.IsAbs(what) {
		_, err := os.Stat(what)
		return err == nil
	}
	_, err := exec.LookPath(what)
	return err == nil
}

func apt(ctx context.Context, line string) error {
	fields := strings.Fields(line)
	cmd := exec.CommandContext(ctx, fields[0], fields[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it undoes what it began
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", line, err, out)
	}
	return nil
}
