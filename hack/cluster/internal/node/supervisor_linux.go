package node

import (
	"context"
	"errors"
	"log"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/respin-dev/respin/hack/cluster/internal/config"
	"github.com/respin-dev/respin/hack/cluster/internal/health"
	"github.com/respin-dev/respin/hack/cluster/internal/pki"
)

// restartDelay keeps a component that cannot start from using up a core.
const restartDelay = time.Second

// environment is all that components get: variables of the caller's, such as
// those that the registry reads its settings from, must not reach them.
var environment = []string{
	"PATH=" + config.Bin + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	// The host's /tmp is shared with the node: leave nothing there.
	"TMPDIR=/var/tmp",
	// Else the registry looks for a collector of traces.
	"OTEL_TRACES_EXPORTER=none",
	// buildkitd and containerd trust, beside the host's authorities, the one
	// for registries that start and end while they run.
	"SSL_CERT_DIR=/etc/ssl/certs:" + config.PKI + "/" + pki.Registries,
}

// supervisor keeps components running.
type supervisor struct {
	children *children
	// settled is when components that end are restarted. Before, one that
	// ends fails the whole node, so that its user sees why.
	settled atomic.Bool
}

func (s *supervisor) start(list ...component) error {
	for _, c := range list {
		ended, err := s.run(c)
		if err != nil {
			return lastWords(c.name, err)
		}
		go s.keep(c, ended)
	}
	return nil
}

func (s *supervisor) keep(c component, ended <-chan syscall.WaitStatus) {
	for {
		s.ended(c, describe(<-ended))
		var err error
		for ended, err = s.run(c); err != nil; ended, err = s.run(c) {
			s.ended(c, err.Error())
		}
	}
}

func (s *supervisor) ended(c component, reason string) {
	if !s.settled.Load() {
		_ = lastWords(c.name, errors.New(reason))
		os.Exit(1)
	}
	log.Printf("%s ended: %s: restarting it", c.name, reason)
	time.Sleep(restartDelay)
}

func (s *supervisor) run(c component) (<-chan syscall.WaitStatus, error) {
	out, err := os.OpenFile(config.Logs+"/"+c.name+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(config.Bin+"/"+c.name, c.args...)
	cmd.Dir = "/"
	cmd.Env = environment
	cmd.Stdout, cmd.Stderr = out, out
	return s.children.start(cmd)
}

// importPauseImage hands containerd the image that every pod begins with.
func (s *supervisor) importPauseImage(ctx context.Context) error {
	if err := wait(ctx, health.Dial("containerd", "unix", config.ContainerdSocket)); err != nil {
		return err
	}
	ended, err := s.run(pauseImport)
	if err != nil {
		return lastWords(pauseImport.name, err)
	}
	if status := <-ended; status != 0 {
		return lastWords(pauseImport.name, errors.New(describe(status)))
	}
	return nil
}
