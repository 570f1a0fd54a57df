package main

import (
	"context"

	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/registry"
)

// registries opens registries on behalf of namespaces.
type registries struct {
	access access.Reader
	client *registry.Client
}

// forPolicy is a patchpolicy.Open.
func (r registries) forPolicy(ctx context.Context, namespace string, wanted access.Wanted) (patchpolicy.Registry, error) {
	given, err := r.access.For(ctx, namespace, wanted)
	if err != nil {
		return nil, err
	}
	return r.client.As(given)
}

// forRun is a patchrun.Open.
func (r registries) forRun(ctx context.Context, namespace string, wanted access.Wanted) (patchrun.Access, error) {
	given, err := r.access.For(ctx, namespace, wanted)
	if err != nil {
		return patchrun.Access{}, err
	}
	client, err := r.client.As(given)
	if err != nil {
		return patchrun.Access{}, err
	}
	return patchrun.Access{Registry: client, Rebaser: rebase.New(client, version), Login: login(given)}, nil
}

// login gives username and password as a builder takes them: an identity token is a password without a username.
func login(given registry.Access) func(repository string, push bool) (username, password string) {
	return func(repository string, push bool) (string, string) {
		from := given.Pull
		if push && given.Push != nil {
			from = given.Push
		}
		if from == nil {
			return "", ""
		}
		found, _ := from.For(repository)
		if found.IdentityToken != "" {
			return "", found.IdentityToken
		}
		return found.Username, found.Password
	}
}
