//go:build integration

package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// heard is what a command has written so far.
type heard struct {
	sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.Lock()
	defer h.Unlock()
	return h.text.Write(p)
}

func (h *heard) await(t *testing.T, what string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if h.Lock(); strings.Contains(h.text.String(), what) {
			h.Unlock()
			return
		}
		h.Unlock()
	}
	t.Fatalf("it never said %q, but\n%s", what, h.text.String())
}

func TestWatchingTellsOfChangesUntilInterrupted(t *testing.T) {
	for name, screen := range map[string]bool{"away from a terminal": false, "on a terminal": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
			ctx, interrupt := context.WithCancel(t.Context())
			out, ended := &heard{}, make(chan int, 1)
			go func() {
				ended <- run(ctx, []string{"status", "-w", "-n", w.namespace, "--kubeconfig", kubeconfig}, streams{out: out, warnings: io.Discard, screen: screen})
			}()
			out.await(t, "1/3")
			w.pod("web-4", repository+":2.0", patched)
			out.await(t, "2/4")
			w.tell("payments-1", respinv1alpha1.ImageFailed, "RunFailed")
			out.await(t, "RunFailed")
			interrupt()
			select {
			case code := <-ended:
				if code != 0 {
					t.Errorf("it ended with code %d", code)
				}
			case <-time.After(5 * time.Second):
				t.Error("it did not end when it was interrupted")
			}
			if drawn := strings.Contains(out.text.String(), clearAll); drawn != screen {
				t.Errorf("got a cleared screen: %t, want %t", drawn, screen)
			}
		})
	}
}
