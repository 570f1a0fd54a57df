//go:build integration

package rebase

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"

	"github.com/respin-dev/respin/test/cluster"
)

// kit is BuildKit.
type kit struct{ *client.Client }

func connect(t testing.TB) kit {
	t.Helper()
	tls := cluster.Need(t, cluster.BuildKitTLSDir)
	c, err := client.New(t.Context(), cluster.Need(t, cluster.BuildKitHost),
		client.WithServerConfig("", filepath.Join(tls, "ca.pem")),
		client.WithCredentials(filepath.Join(tls, "cert.pem"), filepath.Join(tls, "key.pem")))
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return kit{c}
}

// recipe is what an image is built from.
type recipe struct {
	// dockerfile has its lines; where it says BASE it means the base image.
	dockerfile string
	// context are the files that COPY finds.
	context map[string]string
	// attest is the attribute of the provenance to attach, as in mode=min; empty for none.
	attest string
	// export are more attributes of BuildKit's exporter of images.
	export map[string]string
	// inline puts what BuildKit caches by into the image's configuration.
	inline bool
	// platforms are those to build for; the native one where there are none.
	platforms []string
}

// build builds a recipe on a base, given by digest, and pushes it.
func (k kit) build(ctx context.Context, r recipe, base, output string) error {
	attrs := map[string]string{
		"platform": strings.Join(r.on(), ","), "build-arg:SOURCE_DATE_EPOCH": strconv.FormatInt(released.Unix(), 10),
	}
	if r.attest != "" {
		attrs["attest:provenance"] = r.attest
	}
	exporter := map[string]string{"name": output, "push": "true", "store": "false", "oci-mediatypes": "true"}
	maps.Copy(exporter, r.export)
	dockerfile := strings.ReplaceAll(r.dockerfile, "BASE", base)
	var caches []client.CacheOptionsEntry
	if r.inline {
		caches = []client.CacheOptionsEntry{{Type: "inline"}}
	}
	_, err := k.Solve(ctx, nil, client.SolveOpt{
		Frontend: "dockerfile.v0", FrontendAttrs: attrs, LocalMounts: map[string]fsutil.FS{
			"dockerfile": folderOf(map[string]string{"Dockerfile": dockerfile}), "context": folderOf(r.context),
		},
		CacheExports: caches,
		Exports:      []client.ExportEntry{{Type: client.ExporterImage, Attrs: exporter}},
	}, nil)
	if err != nil {
		return fmt.Errorf("building %s: %w\n%s", output, err, dockerfile)
	}
	return nil
}

// from is a Dockerfile of the lines after its FROM.
func from(lines ...string) recipe {
	return recipe{
		dockerfile: "FROM BASE\n" + strings.Join(lines, "\n") + "\n",
		context:    map[string]string{"app": "#!/bin/sh\necho app\n", "data": "data\n"},
	}
}

// attested attaches provenance.
func (r recipe) attested(how string) recipe {
	r.attest = how
	return r
}

// exported sets an attribute of the exporter.
func (r recipe) exported(attributes ...string) recipe {
	r.export = map[string]string{}
	for i := 0; i < len(attributes); i += 2 {
		r.export[attributes[i]] = attributes[i+1]
	}
	return r
}

// forPlatforms builds for more than the native platform.
func (r recipe) forPlatforms(platforms ...string) recipe {
	r.platforms = platforms
	return r
}

func (r recipe) on() []string {
	if len(r.platforms) == 0 {
		return []string{native}
	}
	return r.platforms
}

func folderOf(files map[string]string) fsutil.FS {
	fs := staticfs.NewFS()
	for name, content := range files {
		fs.Add(name, &types.Stat{Mode: uint32(os.FileMode(0o644)), Path: name, Size: int64(len(content))}, []byte(content))
	}
	return fs
}
