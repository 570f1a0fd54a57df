//go:build integration

package buildkit_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/test/authregistry"
)

// trust is a daemon's setting for a registry whose certificate a private authority signed. On loopback it would speak
// plain HTTP if it were not told.
func trust(t *testing.T, r *authregistry.Registry) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.crt")
	must(t, os.WriteFile(file, r.CA, 0o600))
	return fmt.Sprintf("[registry.%q]\nhttp = false\nca = [%q]\n", r.Host, file)
}

// accounts gives each registry's account for whatever is on it.
func accounts(registries map[*authregistry.Registry]string) func(string) (string, string) {
	return func(repository string) (string, string) {
		for r, name := range registries {
			if repository == r.Host || strings.HasPrefix(repository, r.Host+"/") {
				return name, r.Account(name).Password
			}
		}
		return "", ""
	}
}

func TestReadsAndPushesAtRealRegistriesWithPrivateAuthorities(t *testing.T) {
	in := authregistry.Start(t, authregistry.Options{Login: authregistry.Basic, Accounts: []authregistry.Account{
		{Name: "reader", Password: "pa55-" + unique()},
	}})
	out := authregistry.Start(t, authregistry.Options{Login: authregistry.Token, Accounts: []authregistry.Account{
		{Name: "writer", Password: "pa55-" + unique(), Pull: []string{"team/*"}, Push: []string{"team/*"}},
		{Name: "onlooker", Password: "pa55-" + unique(), Pull: []string{"team/*"}},
	}})
	b := builderOn(t, ownDaemon(t, trust(t, in), trust(t, out)))
	moved := moveBase(t)
	index := readIndex(t, moved.pinned())
	moved.reference = in.Host + "/base/debian:12"
	must(t, remote.WriteIndex(parse(t, moved.reference), index, in.As("reader")...))
	req := onBase("FROM "+moved.reference+"\nRUN echo built > /built\n", moved, out.Host+"/team/app:1")

	for account, may := range map[string]bool{"onlooker": false, "writer": true} {
		req.Credentials = accounts(map[*authregistry.Registry]string{in: "reader", out: account})
		_, err := b.Build(t.Context(), req, nil)
		var refused *builder.PushError
		switch {
		case may && err != nil:
			t.Errorf("the %s: %v", account, err)
		case !may && (!errors.As(err, &refused) || refused.Temporary || contains(err.Error(), out.Account(account).Password)):
			t.Errorf("the %s: got %v", account, err)
		}
	}
	pushed, err := remote.Index(parse(t, req.Output), out.As("writer")...)
	must(t, err)
	wantNothingOf(t, pushed, in.Account("reader").Password, out.Account("writer").Password)
}
