//go:build integration

package rebase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/respin-dev/respin/test/cluster"
)

// node is a containerd of the test's own, with runc below it.
type node struct {
	address, ctr string
	// dir holds the probe, and a folder for each container.
	dir, probe string
	containers *atomic.Int64
}

const settings = `version = 3
root = %q
state = %q
disabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri"]
[grpc]
  address = %q
[ttrpc]
  address = %q
`

// newNode starts containerd. It has mounts and processes of its own, so that all of them end when it does. The test is
// skipped where its program is not at hand.
func newNode(t testing.TB) node {
	t.Helper()
	programs := cluster.SkipWithout(t, "CLUSTER_BIN")
	if os.Geteuid() != 0 {
		t.Skip("running containers takes root")
	}
	dir := shortDir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	config := fmt.Sprintf(settings, in("root"), in("state"), in("s"), in("ttrpc"))
	must(t, os.WriteFile(in("config.toml"), []byte(config), 0o600))
	var log bytes.Buffer
	daemon := exec.Command("unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child",
		filepath.Join(programs, "containerd"), "--config", in("config.toml"))
	daemon.Stdout, daemon.Stderr = &log, &log // through a pipe, which Wait sees closed when the last of them has ended
	daemon.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin")
	daemon.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, daemon.Start())
	n := node{in("s"), filepath.Join(programs, "ctr"), dir, compile(t, in("probe")), &atomic.Int64{}}
	up := n.answers(t)
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
		if !up {
			t.Logf("containerd said: %s", log.String())
		}
	})
	if !up {
		t.FailNow()
	}
	return n
}

// shortDir is a temporary folder whose path leaves room for that of a socket.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "shapes")
	must(t, err)
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("deleting what containerd left: %v", err)
		}
	})
	return dir
}

// compile makes a static program of the probe, which images without any library can run.
func compile(t testing.TB, program string) string {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "./probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compiling the probe: %v: %s", err, said)
	}
	return program
}

// answers waits for containerd.
func (n node) answers(t testing.TB) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var err error
	for ctx.Err() == nil {
		if _, err = n.try(ctx, "version"); err == nil {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("containerd does not answer: %v", err)
	return false
}

// look pulls an image by digest for a platform, runs the probe in it, and returns what that saw.
func (n node) look(ctx context.Context, reference, platform string) (string, error) {
	if _, err := n.try(ctx, "images", "pull", "--plain-http", "--platform", platform, reference); err != nil {
		return "", fmt.Errorf("pulling %s: %w", reference, err)
	}
	name := fmt.Sprintf("look-%d", n.containers.Add(1))
	dir := filepath.Join(n.dir, name)
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Link(n.probe, filepath.Join(dir, "probe"))); err != nil {
		return "", err
	}
	_, err := n.try(ctx, "run", "--rm", "--null-io", "--privileged", "--privileged-without-host-devices", "--user", "0", "--cgroup", "",
		"--platform", platform, "--mount", "type=bind,src="+dir+",dst=/.probe,options=bind:rw", reference, name, "/.probe/probe")
	seen, readErr := os.ReadFile(filepath.Join(dir, "seen"))
	if err := errors.Join(err, readErr); err != nil {
		words, _ := os.ReadFile(filepath.Join(dir, "error"))
		return "", fmt.Errorf("running %s: %w %s", reference, err, words)
	}
	return string(seen), nil
}

func (n node) try(ctx context.Context, args ...string) (string, error) {
	var out, words bytes.Buffer
	command := exec.CommandContext(ctx, n.ctr, append([]string{"--address", n.address}, args...)...)
	command.Stdout, command.Stderr = &out, &words
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, words.String())
	}
	return out.String(), nil
}
