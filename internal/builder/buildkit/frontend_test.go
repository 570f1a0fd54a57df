//go:build integration

package buildkit_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// The frontends that these name do not exist, so that whoever honours the line fails.
func TestIgnoresALineThatNamesAFrontend(t *testing.T) {
	moved := moveBase(t)
	for _, named := range []string{newRepository(t) + ":1", "docker/dockerfile:1"} {
		dockerfile := "# syntax=" + named + "\nFROM " + moved.reference + "\n"
		if err := buildAsIs(t, dockerfile); err == nil {
			t.Error("this daemon does not honour the line, so that this test shows nothing")
		}
		mustBuild(t, onBase(dockerfile, moved, output(t)))
	}
}

// buildAsIs builds as any other client of the daemon would, and pushes nothing.
func buildAsIs(t *testing.T, dockerfile string) error {
	t.Helper()
	opts := []client.ClientOpt{}
	if dir := os.Getenv("BUILDKIT_TLS_DIR"); dir != "" {
		opts = append(opts, client.WithServerConfig("", filepath.Join(dir, "ca.pem")),
			client.WithCredentials(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")))
	}
	c, err := client.New(t.Context(), env(t, "BUILDKIT_HOST"), opts...)
	must(t, err)
	defer c.Close()
	files := staticfs.NewFS()
	files.Add("Dockerfile", &types.Stat{}, []byte(dockerfile))
	_, err = c.Solve(t.Context(), nil, client.SolveOpt{
		Frontend:    "dockerfile.v0",
		LocalMounts: map[string]fsutil.FS{"dockerfile": files, "context": staticfs.NewFS()},
	}, nil)
	t.Log(err)
	return err
}
