package operator

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/proxy"
)

// Process is the operator as a process of this host. It is started again and again, and killed without a warning.
type Process struct {
	t       testing.TB
	command []string
	env     []string
	log     string

	mu      sync.Mutex
	running *exec.Cmd
}

// OnHost compiles the operator and starts it as a process of this host, with the rights of the deployed one, which
// stands aside meanwhile. It reaches the API server through a proxy. When the test fails, its last words are told.
func OnHost(t testing.TB, through *proxy.Proxy, flags ...string) *Process {
	t.Helper()
	StandsAside(t)
	dir := t.TempDir()
	p := &Process{
		t: t, log: filepath.Join(dir, "log"), env: append(os.Environ(), "KUBECONFIG="+kubeconfig(t, through.URL, through.Authority)),
		command: append([]string{
			compile(t, dir), "--metrics-bind-address=0", "--health-probe-bind-address=0",
			"--buildkit-addr=" + cluster.Need(t, cluster.BuildKitHost), "--buildkit-tls-dir=" + os.Getenv(cluster.BuildKitTLSDir),
		}, flags...),
	}
	t.Cleanup(p.end)
	p.Start()
	return p
}

func compile(t testing.TB, dir string) string {
	t.Helper()
	binary := filepath.Join(dir, "respin-operator")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/respin-dev/respin/cmd/operator")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compiling the operator: %v: %s", err, out)
	}
	return binary
}

// Start starts the operator unless it runs.
func (p *Process) Start() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	command := exec.Command(p.command[0], p.command[1:]...)
	command.Env, command.Stdout, command.Stderr = p.env, log, log
	if err := command.Start(); err != nil {
		p.t.Fatalf("starting the operator: %v", err)
	}
	p.running = command
}

// Kill ends the operator with SIGKILL and returns when it is gone. It does nothing when it does not run.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return
	}
	err := errors.Join(p.running.Process.Kill(), p.running.Wait())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Errorf("killing the operator: %v", err)
	}
	p.running = nil
}

func (p *Process) end() {
	p.Kill()
	if p.t.Failed() {
		p.t.Logf("the operator's last words:\n%s", p.lastWords())
	}
}

func (p *Process) lastWords() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(bytes.TrimSpace(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}
