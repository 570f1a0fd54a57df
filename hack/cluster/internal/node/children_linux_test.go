package node

import (
	"os/exec"
	"testing"
)

func TestEachEndIsToldToWhomItConcerns(t *testing.T) {
	c := newChildren()
	go c.reapForever()
	for script, want := range map[string]string{
		"exit 0":      "exit status 0",
		"exit 3":      "exit status 3",
		"kill -9 $$":  "killed by signal: killed",
		"sleep 0.1 &": "exit status 0",
	} {
		ended, err := c.start(exec.Command("sh", "-c", script))
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(<-ended); got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}
