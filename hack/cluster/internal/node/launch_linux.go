package node

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Command is the argument that makes the executable the node's first process.
const Command = "node"

const (
	namespaces = syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS
	// ready is what the node is told when all of it works.
	ready = "ready"
)

// Handle is a node that was started and that still depends on us: when we end
// before Release, the node ends too.
type Handle struct {
	PID   int
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan Failure
}

// Failure is a component that ended while the node was coming up.
type Failure struct{ Component, Reason string }

func (f Failure) Error() string { return f.Component + " ended: " + f.Reason }

// Launch starts the node's first process, which waits for Begin.
func Launch(log *os.File) (*Handle, error) {
	cmd := exec.Command("/proc/self/exe", Command)
	cmd.Stderr = log
	// A session of its own: Ctrl-C in the terminal is not for the node.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot make namespaces: %w", err)
	}
	h := &Handle{PID: cmd.Process.Pid, cmd: cmd, stdin: stdin, ended: make(chan Failure, 1)}
	go h.watch(stdout)
	return h, nil
}

// Begin tells the node what to be.
func (h *Handle) Begin(s Spec) error { return json.NewEncoder(h.stdin).Encode(s) }

// Ended gets the component that failed, if the node ends before Release.
func (h *Handle) Ended() <-chan Failure { return h.ended }

// Release lets the node live on without us.
func (h *Handle) Release() error {
	if _, err := fmt.Fprintln(h.stdin, ready); err != nil {
		return err
	}
	return h.cmd.Process.Release()
}

// Kill ends the node and all that is in it.
func (h *Handle) Kill() {
	_ = h.cmd.Process.Kill() // it may have ended by itself
	_ = h.cmd.Wait()
}

// watch reads the only line that a node ever prints: its last words.
func (h *Handle) watch(stdout io.Reader) {
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	component, reason, found := strings.Cut(strings.TrimSpace(line), "\t")
	if !found {
		component, reason = "node", "its first process ended"
	}
	h.ended <- Failure{component, reason}
}
