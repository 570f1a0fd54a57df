package debian

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// Bootstrap makes the file system as it was released: only the archive of the release, nothing that came after it.
// Root uses debootstrap, everyone else mmdebstrap, which does not need to be root.
func (s Store) Bootstrap(ctx context.Context, t *screen.Task, from Archives) error {
	if err := os.MkdirAll(string(s), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(string(s), "bootstrap-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive := filepath.Join(work, "root.tar.gz")
	if os.Geteuid() == 0 {
		err = asRoot(ctx, t, from, filepath.Join(work, "root"), archive)
	} else {
		err = asUser(ctx, t, from, archive)
	}
	if err != nil {
		return err
	}
	return os.Rename(archive, s.Released())
}

func asRoot(ctx context.Context, t *screen.Task, from Archives, root, archive string) error {
	err := t.Run(ctx, "debootstrap", "--variant=minbase", "--arch="+architecture(), Suite, root, from.Main)
	if err != nil {
		return err
	}
	t.Detail("packing")
	args := []string{"--create", "--directory=" + root, "--file=" + archive, "--use-compress-program=gzip --no-name",
		"--sort=name", "--numeric-owner", "--xattrs"}
	for _, leftOut := range leftOut {
		args = append(args, "--exclude="+leftOut)
	}
	return t.Run(ctx, "tar", append(args, ".")...)
}

// leftOut is what a container gets from elsewhere, and what can be had again.
var leftOut = []string{"./dev/*", "./proc/*", "./sys/*", "./etc/hostname", "./etc/resolv.conf", "./tmp/*",
	"./var/cache/apt/*", "./var/cache/debconf/*-old", "./var/cache/ldconfig/*", "./var/lib/apt/lists/*",
	"./var/lib/dpkg/*-old", "./var/log/*"}

func asUser(ctx context.Context, t *screen.Task, from Archives, archive string) error {
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return errors.New("making a Debian base without being root takes mmdebstrap, which is not here.\n" +
			"Either run \"make demo\" as root, or install it: sudo apt-get install mmdebstrap uidmap")
	}
	return t.Run(ctx, "mmdebstrap", "--variant=minbase", "--architectures="+architecture(),
		`--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf"`, Suite, archive, "deb "+from.Main+" "+Suite+" main")
}
