//go:build integration

package buildkit_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/buildkit/client"

	"github.com/respin-dev/respin/internal/builder/buildkit"
)

// ownDaemon starts a BuildKit daemon for one test and returns its address. The shared one does not do for tests that
// need its loopback, where BuildKit speaks plain HTTP to any registry, or frontends that a careful operator turns off, or
// settings of their own.
func ownDaemon(t *testing.T, settings ...string) string {
	t.Helper()
	binary, err := exec.LookPath("buildkitd")
	if err != nil {
		t.Fatalf("this test runs a BuildKit daemon of its own: source .cluster/env first: %v", err)
	}
	dir := t.TempDir()
	address := "unix://" + filepath.Join(dir, "socket")
	config := filepath.Join(dir, "buildkitd.toml")
	content := fmt.Sprintf(daemonConfig, filepath.Join(dir, "root"), env(t, "REGISTRY")) + strings.Join(settings, "")
	must(t, os.WriteFile(config, []byte(content), 0o600))
	log, err := os.Create(filepath.Join(dir, "log"))
	must(t, err)
	daemon := exec.Command(binary, "--config", config, "--addr", address)
	daemon.Stdout, daemon.Stderr = log, log
	must(t, daemon.Start())
	t.Cleanup(func() {
		_ = daemon.Process.Signal(syscall.SIGTERM)
		_ = daemon.Wait()
	})
	waitFor(t, address, log.Name())
	return address
}

const daemonConfig = `root = %q
[worker.containerd]
enabled = false
[frontend."gateway.v0"]
enabled = true
[registry.%q]
http = true
`

func waitFor(t *testing.T, address, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := client.New(ctx, address)
	must(t, err)
	defer c.Close()
	if err := c.Wait(ctx); err != nil {
		said, _ := os.ReadFile(log)
		t.Fatalf("the daemon does not answer: %v\n%s", err, said)
	}
}

func builderOn(t *testing.T, address string) *buildkit.Builder {
	t.Helper()
	b, err := buildkit.New(buildkit.Options{Address: address})
	must(t, err)
	return b
}
