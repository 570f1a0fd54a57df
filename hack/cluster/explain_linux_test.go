package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/respin-dev/respin/hack/cluster/internal/health"
	"github.com/respin-dev/respin/hack/cluster/internal/node"
)

func TestAFailureShowsTheEndOfItsLog(t *testing.T) {
	c := checkout(t)
	if err := os.MkdirAll(filepath.Dir(c.Log("etcd")), 0o755); err != nil {
		t.Fatal(err)
	}
	log := "the beginning\n" + strings.Repeat("more\n", shown-1) + "the end\n"
	if err := os.WriteFile(c.Log("etcd"), []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		node.Failure{Component: "etcd", Reason: "exit status 1"},
		&health.Error{Component: "etcd", Err: errors.New("timeout")},
	} {
		got := explain(c, fmt.Errorf("wrapped: %w", err), nil).Error()
		if !strings.Contains(got, "the end") || !strings.Contains(got, c.Log("etcd")) || strings.Contains(got, "the beginning") {
			t.Errorf("got %s", got)
		}
	}
}

func TestMountPointsAreReadAsTheKernelWritesThem(t *testing.T) {
	if got := unescape(`/home/my\040code`); got != "/home/my code" {
		t.Errorf("got %q", got)
	}
}
