package screen

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// tailLines is how much of a command's output an error shows.
const tailLines = 20

// Run runs a command. Its last line of output is the task's detail, and its last lines are in the error if it fails.
func (t *Task) Run(ctx context.Context, name string, args ...string) error {
	return t.RunCmd(exec.CommandContext(ctx, name, args...))
}

// RunCmd runs a command that was made with exec.CommandContext. One that is to end is asked to, and has time for it.
func (t *Task) RunCmd(cmd *exec.Cmd) error {
	out := &output{task: t}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, strings.Join(out.tail, "\n"))
	}
	return nil
}

// output takes a command's output, line by line.
type output struct {
	task *Task
	rest []byte
	tail []string
}

// Write takes a piece of it.
func (o *output) Write(p []byte) (int, error) {
	o.rest = append(o.rest, p...)
	for {
		line, rest, found := bytes.Cut(o.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		o.rest = rest
		o.line(strings.TrimSpace(string(line)))
	}
}

func (o *output) line(line string) {
	if line == "" {
		return
	}
	o.tail = append(o.tail, line)
	o.tail = o.tail[max(0, len(o.tail)-tailLines):]
	o.task.Detail("%s", line)
}
