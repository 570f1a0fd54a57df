package node

import (
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
)

// children starts processes and collects them when they end. The first
// process of a namespace also gets every orphan in it, which only a wait for
// any process collects; so all waiting is done in this one place.
type children struct {
	mu     sync.Mutex
	waited map[int]chan syscall.WaitStatus
}

func newChildren() *children {
	return &children{waited: map[int]chan syscall.WaitStatus{}}
}

// start runs cmd and returns where its end will be told. The lock holds back
// the collecting until the new process is known.
func (c *children) start(cmd *exec.Cmd) (<-chan syscall.WaitStatus, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	c.waited[cmd.Process.Pid] = ended
	return ended, cmd.Process.Release()
}

func (c *children) reapForever() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	for {
		c.reap()
		<-signals
	}
}

// reap collects all that have ended: several ends may give one signal.
func (c *children) reap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if ended, known := c.waited[pid]; known {
			delete(c.waited, pid)
			ended <- status
		}
	}
}

// describe puts a wait status the way a shell does.
func describe(s syscall.WaitStatus) string {
	if s.Signaled() {
		return "killed by signal: " + s.Signal().String()
	}
	return "exit status " + strconv.Itoa(s.ExitStatus())
}
