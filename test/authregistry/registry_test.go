//go:build integration

package authregistry_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/respin-dev/respin/test/authregistry"
)

var accounts = []authregistry.Account{
	{Name: "builder", Password: "hunter2", Pull: []string{"team/*"}, Push: []string{"team/*"}},
	{Name: "reader", Password: "hunter3", Pull: []string{"team/*"}},
}

var logins = map[string]authregistry.Login{"basic": authregistry.Basic, "token": authregistry.Token}

func TestLetsInThoseWhoHaveAnAccount(t *testing.T) {
	for login, kind := range logins {
		t.Run(login, func(t *testing.T) {
			r := authregistry.Start(t, authregistry.Options{Login: kind, Accounts: accounts})
			pushed := push(t, r, "team/app", r.As("builder"))
			found, err := remote.Head(parse(t, r.Host+"/team/app:1"), r.As("reader")...)
			if err != nil || found.Digest != pushed {
				t.Errorf("got %v and %v, want %s", found, err, pushed)
			}
		})
	}
}

func TestKeepsOthersOut(t *testing.T) {
	for login, kind := range logins {
		t.Run(login, func(t *testing.T) {
			r := authregistry.Start(t, authregistry.Options{Login: kind, Accounts: accounts})
			push(t, r, "team/app", r.As("builder"))
			for who, auth := range map[string]authn.Authenticator{
				"nobody": authn.Anonymous, "a wrong password": &authn.Basic{Username: "reader", Password: "guess"},
			} {
				_, err := remote.Head(parse(t, r.Host+"/team/app:1"), r.Anonymous(), remote.WithAuth(auth))
				wantRefused(t, who, err)
			}
		})
	}
}

func TestTokensAreForWhatTheAccountMayDo(t *testing.T) {
	r := authregistry.Start(t, authregistry.Options{Login: authregistry.Token, Accounts: accounts})
	image, err := random.Image(64, 1)
	must(t, err)
	wantRefused(t, "who only reads", remote.Write(parse(t, r.Host+"/team/app:1"), image, r.As("reader")...))
	wantRefused(t, "who is of another team", remote.Write(parse(t, r.Host+"/others/app:1"), image, r.As("builder")...))
}

func TestStrangersDoNotTrustIt(t *testing.T) {
	r := authregistry.Start(t, authregistry.Options{Accounts: accounts})
	if _, err := remote.Head(parse(t, r.Host+"/team/app:1")); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want an error that tells of the certificate", err)
	}
}

func TestLetsEverybodyInWhereNoneHasToLogIn(t *testing.T) {
	r := authregistry.Start(t, authregistry.Options{Login: authregistry.None})
	pushed := push(t, r, "team/app", nil)
	found, err := remote.Head(parse(t, r.Host+"/team/app:1"))
	if err != nil || found.Digest != pushed {
		t.Errorf("got %v and %v, want %s", found, err, pushed)
	}
	if asked := r.Requests(); len(asked) == 0 {
		t.Error("its log tells of no request")
	}
}

func TestTellsWhatItWasAsked(t *testing.T) {
	r := authregistry.Start(t, authregistry.Options{Accounts: accounts})
	push(t, r, "team/app", r.As("builder"))
	asked := r.Requests()
	want := authregistry.Request{Method: http.MethodPut, Path: "/v2/team/app/manifests/1", Status: http.StatusCreated}
	if !slices.ContainsFunc(asked, func(got authregistry.Request) bool {
		got.Agent = ""
		return got == want
	}) {
		t.Errorf("got %v, want %v among them", asked, want)
	}
	if again := r.Requests(); len(again) != len(asked) {
		t.Errorf("looking at the log made %d requests of %d", len(again), len(asked))
	}
}

func push(t *testing.T, r *authregistry.Registry, repository string, as []remote.Option) v1.Hash {
	t.Helper()
	image, err := random.Image(64, 1)
	must(t, err)
	must(t, remote.Write(parse(t, r.Host+"/"+repository+":1"), image, as...))
	digest, err := image.Digest()
	must(t, err)
	return digest
}

func wantRefused(t *testing.T, who string, err error) {
	t.Helper()
	var answered *transport.Error
	if !errors.As(err, &answered) || answered.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s: got %v, want 401", who, err)
	}
}

func parse(t *testing.T, reference string) name.Reference {
	t.Helper()
	parsed, err := name.ParseReference(reference)
	must(t, err)
	return parsed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
