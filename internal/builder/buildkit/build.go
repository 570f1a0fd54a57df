package buildkit

import (
	"context"
	"errors"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/respin-dev/respin/internal/builder"
)

// Build implements builder.Builder.
func (b *Builder) Build(ctx context.Context, req builder.Request, report func(builder.Progress)) (builder.Result, error) {
	s, err := newSolve(req)
	if err != nil {
		return builder.Result{}, err
	}
	c, err := b.connect(ctx)
	if err != nil {
		return builder.Result{}, err
	}
	defer c.Close()
	watched := newWatch(report)
	digest, err := s.run(ctx, c, watched)
	if err != nil {
		return builder.Result{}, s.classify(ctx, err, watched)
	}
	return builder.Result{Digest: digest}, nil
}

// run builds and pushes, and returns when the last of the progress was reported.
func (s *solve) run(ctx context.Context, c *client.Client, watched *watch) (string, error) {
	status := make(chan *client.SolveStatus)
	done := make(chan struct{})
	go func() {
		defer close(done)
		watched.follow(status)
	}()
	var refused error
	resp, err := c.Build(ctx, s.opt, "", func(ctx context.Context, gw gateway.Client) (*gateway.Result, error) {
		res, err := s.define(ctx, gw)
		refused = err
		return res, err
	}, status)
	<-done
	switch {
	case refused != nil:
		return "", refused // err says the same, less precisely
	case err != nil:
		return "", err
	}
	return pushedDigest(resp)
}

// define lets the frontend turn the Dockerfile into a graph, which BuildKit solves and pushes once this returns. So a
// build on the wrong base ends here, before its first step.
func (s *solve) define(ctx context.Context, gw gateway.Client) (*gateway.Result, error) {
	res, err := gw.Solve(ctx, gateway.SolveRequest{Frontend: frontend, FrontendOpt: s.opt.FrontendAttrs})
	if err != nil {
		return nil, err
	}
	return res, s.standsOnBase(ctx, gw, res)
}

func pushedDigest(resp *client.SolveResponse) (string, error) {
	digest := resp.ExporterResponse[exptypes.ExporterImageDigestKey]
	if digest == "" {
		return "", errors.New("the builder did not say what it pushed")
	}
	return digest, nil
}
