package bench

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

// process runs a program to its end, without any credentials, and gives what it said.
func process(t testing.TB, program string, args ...string) (string, error) {
	command := exec.Command(program, args...)
	command.Env = []string{"HOME=" + t.TempDir()}
	said, err := command.CombinedOutput()
	return string(said), err
}

// compile builds our command, and gives where it is.
func compile(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "respin")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, "github.com/respin-dev/respin/cmd/respin")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compiling: %v: %s", err, said)
	}
	return program
}

// commandRebase is what our command does. What it learns of layers it keeps in the folder that it is given each time.
func (b *bed) commandRebase(program string, facts func() string) run {
	return func(app, output image.Reference) {
		said, err := process(b.t, program, "rebase", app.WithDigest("").String(), "-t", output.String(),
			"--plain-http", b.registry.Host, "--layer-facts-dir", facts())
		if err != nil {
			b.t.Fatalf("respin: %v: %s", err, said)
		}
	}
}

// kept is one folder for all times, and afresh an empty one each time.
func kept(t testing.TB) func() string {
	dir := t.TempDir()
	return func() string { return dir }
}

func afresh(t testing.TB) func() string { return t.TempDir }
