package buildkit

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder"
)

// standsOnBase fails unless, for every platform, the image at the root of the final stage is the pinned base. The
// Dockerfile frontend names that image's config beside its result.
func (s *solve) standsOnBase(ctx context.Context, gw gateway.Client, res *gateway.Result) error {
	built, err := exptypes.ParsePlatforms(res.Metadata)
	if err != nil {
		return err
	}
	for _, p := range built.Platforms {
		want, err := s.baseConfig(ctx, gw, p.Platform)
		if err != nil {
			return err
		}
		root := exptypes.ParseKey(res.Metadata, exptypes.ExporterImageBaseConfigKey, &p)
		if !sameImage(want, root) {
			return s.baseNotUsed(ctx, gw, p.ID, len(built.Platforms) > 1)
		}
	}
	return nil
}

func (s *solve) baseConfig(ctx context.Context, gw gateway.Client, p ocispecs.Platform) ([]byte, error) {
	meta, err := gw.ResolveSourceMetadata(ctx, &pb.SourceOp{Identifier: imageScheme + s.base.pinned}, sourceresolver.Opt{
		LogName:  "[internal] load metadata for " + s.base.pinned,
		ImageOpt: &sourceresolver.ResolveImageOpt{Platform: &p},
	})
	if err != nil {
		return nil, err
	}
	return meta.Image.Config, nil
}

// sameImage compares configs as the OCI defines them: the frontend hands on a config that it decoded and encoded
// again, in the types of whatever version the daemon has.
func sameImage(a, b []byte) bool {
	x, okX := canonicalConfig(a)
	y, okY := canonicalConfig(b)
	return okX && okY && bytes.Equal(x, y)
}

func canonicalConfig(raw []byte) ([]byte, bool) {
	var config ocispecs.Image
	if json.Unmarshal(raw, &config) != nil {
		return nil, false
	}
	canonical, err := json.Marshal(config)
	return canonical, err == nil
}

func (s *solve) baseNotUsed(ctx context.Context, gw gateway.Client, platform string, several bool) error {
	err := &builder.BaseNotUsedError{Base: s.base.tagged, Found: s.rootOf(ctx, gw)}
	if named, parseErr := reference.ParseNormalizedNamed(err.Found); parseErr == nil && named.String() == s.base.tagged {
		err.Found += " of another platform"
	}
	if several {
		err.Platform = platform
	}
	return err
}

// rootOf names the image that the final stage stands on, as the Dockerfile spells it. It is only for the message: what
// cannot be found out stays empty.
func (s *solve) rootOf(ctx context.Context, gw gateway.Client) string {
	opts := maps.Clone(s.opt.FrontendAttrs)
	opts["requestid"] = targets.RequestTargets
	res, err := gw.Solve(ctx, gateway.SolveRequest{Frontend: frontend, FrontendOpt: opts})
	if err != nil {
		return ""
	}
	var list targets.List
	if json.Unmarshal(res.Metadata["result.json"], &list) != nil {
		return ""
	}
	return rootOfStage(list.Targets, s.request.Target)
}

// rootOfStage follows a stage through the stages that it is built on. A FROM only sees stages above it.
func rootOfStage(stages []targets.Target, target string) string {
	root := ""
	for i := len(stages) - 1; i >= 0; i-- {
		s := stages[i]
		wanted := root == "" && (target == "" || strings.EqualFold(s.Name, target))
		if wanted || (root != "" && strings.EqualFold(s.Name, root)) {
			root = s.Base
		}
	}
	return root
}
