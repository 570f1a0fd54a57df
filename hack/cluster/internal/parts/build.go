package parts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// Builder builds parts into a cache.
type Builder struct {
	// Sources is the folder of the parts' modules.
	Sources string
	// Cache is where results are kept; Cache/bin has a link to each of the
	// newest ones.
	Cache string
	// Out is told what is going on.
	Out io.Writer
	// Quiet leaves out the parts that are in the cache.
	Quiet bool
}

// All builds every part that is not in the cache, one after the other:
// a single one already keeps all cores busy.
func (b Builder) All(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(b.Cache, "bin"), 0o755); err != nil {
		return err
	}
	for _, p := range All {
		if err := b.ensure(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func (b Builder) ensure(ctx context.Context, p Part) error {
	start := time.Now()
	dir := filepath.Join(b.Sources, p.Name)
	version, err := version(p, dir)
	if err != nil {
		return err
	}
	key, err := key(p, dir, version)
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(b.Cache, p.Name, key))
	cached := err == nil
	if !cached {
		if err := b.build(ctx, p, version, key); err != nil {
			return err
		}
	}
	b.tell(p, version, cached, time.Since(start))
	return b.link(p, key)
}

func (b Builder) tell(p Part, version string, cached bool, took time.Duration) {
	outcome := "built"
	if cached {
		outcome = "ready"
	}
	if !cached || !b.Quiet {
		fmt.Fprintf(b.Out, "%-11s %-8s %s in %s\n", p.Name, version, outcome, round(took))
	}
}

// build compiles into a folder beside the final one, which therefore is
// either whole or absent.
func (b Builder) build(ctx context.Context, p Part, version, key string) error {
	fmt.Fprintf(b.Out, "%-11s %-8s building: the first time takes about %s on two cores\n", p.Name, version, p.Takes)
	stop := b.tick(p)
	defer stop()
	final := filepath.Join(b.Cache, p.Name, key)
	next := final + ".next"
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Commands)) {
		if err := b.compile(ctx, p, version, filepath.Join(next, name), p.Commands[name]); err != nil {
			return err
		}
	}
	return os.Rename(next, final)
}

func (b Builder) compile(ctx context.Context, p Part, version, output, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", append(arguments(p, version), "-o", output, pkg)...)
	cmd.Dir = filepath.Join(b.Sources, p.Name)
	// Neither a workspace nor flags of the caller's may change what is built.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	// Asked to end, go ends its compilers too; killed, it does not.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, said.Bytes())
	}
	return nil
}

// tick shows now and then that a long build is still going on.
func (b Builder) tick(p Part) (stop func()) {
	start := time.Now()
	ticker := time.NewTicker(30 * time.Second)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprintf(b.Out, "%-11s still building after %s\n", p.Name, round(time.Since(start)))
			}
		}
	}()
	return func() { ticker.Stop(); close(done) }
}

// link points bin at the part's executables. Links are relative, so that they
// hold inside the node too, which sees the cache under another path.
func (b Builder) link(p Part, key string) error {
	for name := range p.Commands {
		target := filepath.Join("..", p.Name, key, name)
		for _, link := range append([]string{name}, p.Links...) {
			if err := symlink(target, filepath.Join(b.Cache, "bin", link)); err != nil {
				return err
			}
		}
	}
	return nil
}

func symlink(target, link string) error {
	if old, err := os.Readlink(link); err == nil && old == target {
		return nil
	}
	next := link + ".next"
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := os.Symlink(target, next); err != nil {
		return err
	}
	return os.Rename(next, link)
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second / 10)
}
