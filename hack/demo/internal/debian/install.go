package debian

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// NoInstall is the environment variable that forbids installing packages.
const NoInstall = "RESPIN_NO_INSTALL"

// installLine is what installs debootstrap, and the keys by which it knows Debian's archive.
var installLine = []string{"apt-get", "install", "--yes", "--no-install-recommends", "debootstrap", "debian-archive-keyring"}

// NeedsInstall says whether debootstrap is needed and not there. Only root uses it.
func NeedsInstall() bool {
	_, err := exec.LookPath("debootstrap")
	return os.Geteuid() == 0 && err != nil
}

// Install installs debootstrap, on Debian and its derivatives.
func Install(ctx context.Context, t *screen.Task) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("debootstrap is needed to make a Debian base: please install it with this system's package manager")
	}
	if os.Getenv(NoInstall) != "" {
		return errors.New("debootstrap is needed; install it with: apt-get update && apt-get install debootstrap")
	}
	if apt(ctx, t, installLine...) == nil {
		return nil
	}
	// The lists may be missing or out of date.
	if err := apt(ctx, t, "apt-get", "update"); err != nil {
		return err
	}
	return apt(ctx, t, installLine...)
}

func apt(ctx context.Context, t *screen.Task, line ...string) error {
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return t.RunCmd(cmd)
}
