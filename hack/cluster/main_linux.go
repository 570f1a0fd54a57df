package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
	"github.com/respin-dev/respin/hack/cluster/internal/host"
	"github.com/respin-dev/respin/hack/cluster/internal/node"
	"github.com/respin-dev/respin/hack/cluster/internal/parts"
)

// commands are what a user can ask for. Each has the checkout to itself.
var commands = map[string]func(context.Context, clone.Clone) error{
	"build": build,
	"up":    up,
	"down":  down,
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	if args[0] == node.Command {
		return node.Main()
	}
	c, err := find()
	if err != nil {
		return err
	}
	if args[0] == "status" {
		return status(ctx, c)
	}
	command, known := commands[args[0]]
	if !known {
		return errUsage
	}
	if os.Geteuid() != 0 && args[0] != "build" {
		return errors.New("the local cluster needs root: it makes namespaces and mounts.\n" + elsewhere)
	}
	unlock, err := lock(c)
	if err != nil {
		return err
	}
	defer unlock()
	return command(ctx, c)
}

func find() (clone.Clone, error) {
	// Debian's su leaves out the folders that iptables and runc are in.
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin"); err != nil {
		return clone.Clone{}, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return clone.Clone{}, err
	}
	return clone.Find(dir)
}

// lock waits until no other command works on the checkout.
func lock(c clone.Clone) (unlock func(), err error) {
	if err := os.MkdirAll(c.Cache(), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(c.Lock(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		fmt.Println("waiting for another command on this checkout to end")
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != nil {
			return nil, err
		}
	}
	return func() { f.Close() }, nil
}

func build(ctx context.Context, c clone.Clone) error {
	return builder(c).All(ctx)
}

func builder(c clone.Clone) parts.Builder {
	return parts.Builder{Sources: c.Parts(), Cache: c.Cache(), Out: os.Stdout}
}

// prepare sees to all that a cluster needs before it can start.
func prepare(ctx context.Context, c clone.Clone) error {
	if err := host.EnsurePackages(ctx, os.Stdout); err != nil {
		return err
	}
	b := builder(c)
	b.Quiet = true
	return b.All(ctx)
}
