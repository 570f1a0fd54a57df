package buildkit

import (
	"maps"
	"strconv"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"

	"github.com/respin-dev/respin/internal/builder"
)

const (
	// frontend is the one that is built into the daemon.
	frontend = "dockerfile.v0"
	// epochArg is known to the frontend, which dates the image and checks Git files out by it.
	epochArg = "SOURCE_DATE_EPOCH"

	dockerfileName = "Dockerfile"
	inlineMount    = "dockerfile"
	contextMount   = "context"
)

// solve is a request in BuildKit's terms.
type solve struct {
	request builder.Request
	base    base
	login   *login
	opt     client.SolveOpt
}

func newSolve(req builder.Request) (*solve, error) {
	if err := check(req); err != nil {
		return nil, err
	}
	pinned, err := parseBase(req.Base)
	if err != nil {
		return nil, err
	}
	attrs, err := frontendAttrs(req)
	if err != nil {
		return nil, err
	}
	login := newLogin(req, pinned)
	// What is not here is not allowed: no entitlement, secret, SSH agent or folder of this process.
	return &solve{request: req, base: pinned, login: login, opt: client.SolveOpt{
		Frontend:      frontend,
		FrontendAttrs: attrs,
		LocalMounts:   inMemory(req),
		SourcePolicy:  pinned.pin(),
		Exports:       []client.ExportEntry{{Type: client.ExporterImage, Attrs: exporterAttrs(req)}},
		Session:       login.attached(),
	}}, nil
}

func frontendAttrs(req builder.Request) (map[string]string, error) {
	list, err := parsePlatforms(req.Platforms)
	if err != nil {
		return nil, err
	}
	attrs := map[string]string{
		// A command line of ours tells the frontend that it was chosen: it then runs no other for "# syntax=".
		"cmdline":               frontend,
		"platform":              list,
		"build-arg:" + epochArg: strconv.FormatInt(req.Epoch.Unix(), 10),
		"attest:provenance":     "mode=min", // max would publish arguments and the Dockerfile beside the image
	}
	for name, value := range req.Args {
		attrs["build-arg:"+name] = value
	}
	maps.Copy(attrs, sourceAttrs(req))
	return attrs, nil
}

func sourceAttrs(req builder.Request) map[string]string {
	attrs := map[string]string{}
	if req.Target != "" {
		attrs["target"] = req.Target
	}
	if req.Context != "" {
		attrs["context"] = req.Context
	}
	switch {
	case req.DockerfileInline != "":
		attrs["dockerfilekey"] = inlineMount
	case req.Dockerfile != "":
		attrs["filename"] = req.Dockerfile
	}
	return attrs
}

// inMemory is what the daemon may read from this process: the inline Dockerfile, and an empty context where a request
// names none.
func inMemory(req builder.Request) map[string]fsutil.FS {
	mounts := map[string]fsutil.FS{}
	if req.DockerfileInline != "" {
		inline := staticfs.NewFS()
		inline.Add(dockerfileName, &types.Stat{Mode: 0o644}, []byte(req.DockerfileInline))
		mounts[inlineMount] = inline
	}
	if req.Context == "" {
		mounts[contextMount] = staticfs.NewFS()
	}
	return mounts
}

func exporterAttrs(req builder.Request) map[string]string {
	attrs := map[string]string{
		string(exptypes.OptKeyName):             req.Output,
		string(exptypes.OptKeyPush):             "true",
		string(exptypes.OptKeyStore):            "false", // a daemon on containerd keeps no copy
		string(exptypes.OptKeyOCITypes):         "true",
		string(exptypes.OptKeyRewriteTimestamp): "true", // of what the build adds; the base's layers stay as they are
	}
	for key, value := range req.Annotations {
		attrs[exptypes.AnnotationManifestKey(nil, key)] = value
		attrs[exptypes.AnnotationIndexKey(key)] = value
	}
	return attrs
}
