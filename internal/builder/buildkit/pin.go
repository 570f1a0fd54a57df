package buildkit

import (
	"context"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/respin-dev/respin/internal/builder"
)

// Pin implements builder.Builder. The daemon asks the repository: this process makes no request whose address a
// policy's author chose.
func (b *Builder) Pin(ctx context.Context, buildContext string) (string, error) {
	if buildContext == "" {
		return "", nil
	}
	git, err := parseGitContext(buildContext)
	if err != nil || git.pinned() {
		return buildContext, err
	}
	commit, err := b.resolve(ctx, git)
	if err != nil {
		return "", classifyPin(ctx, git, err)
	}
	git.revision = commit
	return git.String(), nil
}

// resolve asks inside a build, the only place where BuildKit resolves anything; the build itself is empty.
func (b *Builder) resolve(ctx context.Context, git gitContext) (string, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	var commit string
	var refused error
	ask := func(ctx context.Context, gw gateway.Client) (*gateway.Result, error) {
		commit, refused = commitOf(ctx, gw, git)
		return gateway.NewResult(), refused
	}
	_, err = c.Build(ctx, client.SolveOpt{Internal: true}, "", ask, nil)
	if refused != nil {
		return "", refused // err says the same, less precisely
	}
	return commit, err
}

func commitOf(ctx context.Context, gw gateway.Client, git gitContext) (string, error) {
	_, address, _ := strings.Cut(git.remote, "://")
	meta, err := gw.ResolveSourceMetadata(ctx, &pb.SourceOp{
		Identifier: "git://" + address + "#" + git.revision,
		Attrs:      map[string]string{pb.AttrFullRemoteURL: git.remote},
	}, sourceresolver.Opt{LogName: "[internal] resolve " + git.String()})
	switch {
	case err != nil:
		return "", err
	case meta.Git == nil:
		return "", &builder.ContextError{
			Context: git.String(),
			Reason:  "this version of BuildKit does not resolve Git revisions: use a newer one, or write a full commit",
		}
	case meta.Git.CommitChecksum != "": // of an annotated tag, whose own checksum is not a commit's
		return meta.Git.CommitChecksum, nil
	}
	return meta.Git.Checksum, nil
}
