package node

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"github.com/respin-dev/respin/hack/cluster/internal/health"
)

// Main is the node's first process. It returns only when the node could not
// be brought up.
func Main() error {
	in := bufio.NewReader(os.Stdin)
	spec, err := readSpec(in)
	if err != nil {
		return err
	}
	if err := isolate(spec); err != nil {
		return lastWords("node", err)
	}
	s := &supervisor{children: newChildren()}
	go s.children.reapForever()
	go awaitRelease(in, &s.settled)
	if err := bringUp(s, spec); err != nil {
		return err
	}
	select {} // the supervisor goes on until the namespace is killed
}

func readSpec(in *bufio.Reader) (Spec, error) {
	var s Spec
	line, err := in.ReadBytes('\n')
	if err != nil {
		return s, fmt.Errorf("not told what to be: %w", err)
	}
	return s, json.Unmarshal(line, &s)
}

// isolate makes this process's surroundings the node's.
func isolate(s Spec) error {
	if err := joinCgroups(s.Cgroups); err != nil {
		return err
	}
	if err := setUpMounts(s); err != nil {
		return err
	}
	return setUpNetwork(s)
}

// joinCgroups moves this process, and so all that it starts, into groups.
func joinCgroups(folders []string) error {
	for _, folder := range folders {
		if err := os.WriteFile(folder+"/cgroup.procs", []byte("0"), 0); err != nil {
			return err
		}
	}
	return nil
}

// bringUp starts the components in the order in which they need each other.
func bringUp(s *supervisor, spec Spec) error {
	ctx := context.Background()
	if err := s.start(foundation()...); err != nil {
		return err
	}
	if err := wait(ctx, health.Dial("etcd", "tcp", etcdAddress)); err != nil {
		return err
	}
	if err := s.start(apiServer(spec)); err != nil {
		return err
	}
	if err := s.importPauseImage(ctx); err != nil {
		return err
	}
	check, err := apiServerCheck(spec)
	if err != nil {
		return lastWords("kube-apiserver", err)
	}
	if err := wait(ctx, check); err != nil {
		return err
	}
	return s.start(kubernetes()...)
}

// awaitRelease ends the node when whoever started it ends before it worked.
func awaitRelease(in *bufio.Reader, settled *atomic.Bool) {
	line, err := in.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != ready {
		fmt.Fprintln(os.Stderr, "whoever started the node is gone: ending")
		os.Exit(1)
	}
	settled.Store(true)
}

func wait(ctx context.Context, c health.Check) error {
	if err := c.Wait(ctx); err != nil {
		return lastWords(c.Component, err)
	}
	return nil
}

// lastWords tells whoever started the node which component failed.
func lastWords(component string, err error) error {
	_, _ = io.WriteString(os.Stdout, component+"\t"+strings.ReplaceAll(err.Error(), "\n", " ")+"\n")
	return fmt.Errorf("%s: %w", component, err)
}
