//go:build integration

package buildkit_test

import (
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// The frontends that these name do not exist, so that whoever honours the line fails.
func TestIgnoresALineThatNamesAFrontend(t *testing.T) {
	moved, address := moveBase(t), ownDaemon(t)
	for _, named := range []string{newRepository(t) + ":1", "docker/dockerfile:1"} {
		dockerfile := "# syntax=" + named + "\nFROM " + moved.reference + "\n"
		if err := buildAsIs(t, address, dockerfile); err == nil {
			t.Error("this daemon does not honour the line, so that this test shows nothing")
		}
		if _, err := builderOn(t, address).Build(t.Context(), onBase(dockerfile, moved, output(t)), nil); err != nil {
			t.Error(err)
		}
	}
}

// buildAsIs builds as any other client of the daemon would, and pushes nothing.
func buildAsIs(t *testing.T, address, dockerfile string) error {
	t.Helper()
	c, err := client.New(t.Context(), address)
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
