//go:build integration

package registry_test

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/test/authregistry"
)

// keys are registry.Credentials by repository.
type keys map[string]authregistry.Account

func (k keys) For(repository string) (registry.Credential, bool) {
	account, ok := k[repository]
	return registry.Credential{Username: account.Name, Password: account.Password}, ok
}

var accounts = []authregistry.Account{
	{Name: "builder", Password: rand.Text(), Pull: []string{"team/*"}, Push: []string{"team/*"}},
	{Name: "reader", Password: rand.Text(), Pull: []string{"team/*"}},
	{Name: "other", Password: rand.Text(), Pull: []string{"others/*"}},
}

func TestRealRegistriesLetInWhomTheyShould(t *testing.T) {
	for login, tt := range map[string]struct {
		kind authregistry.Login
		// asked of the registry, for a tag and an index of two images of one layer
		asked int
		other registry.Kind // for one who may read other repositories
	}{
		"by a password": {authregistry.Basic, 1 + 1 + 5, ""},
		"by tokens":     {authregistry.Token, 1 + 1 + 5, registry.Denied},
	} {
		t.Run(login, func(t *testing.T) {
			r := authregistry.Start(t, authregistry.Options{Login: tt.kind, Accounts: accounts})
			ref, want := pushed(t, r)
			host, _, _ := strings.Cut(r.Host, ":") // the token server has another port
			parent := registry.New(registry.Options{Internal: []string{host}, UserAgent: "respin-test"})
			reader := access(t, parent, r, "reader", ref)
			before := asked(r)
			got := look(t, reader, ref)
			if got.Digest != want || len(got.Children) != 2 {
				t.Errorf("got %+v, want %s", got, want)
			}
			if requests := asked(r)[len(before):]; len(requests) != tt.asked || refused(requests) != 1 {
				t.Errorf("asked %d times, want %d with one that tells how to log in: %v", len(requests), tt.asked, requests)
			}
			_, err := access(t, parent, r, "other", ref).Digest(t.Context(), ref, time.Now())
			if registry.KindOf(err) != tt.other {
				t.Errorf("another account: %v", err)
			}
			wantDenied(t, parent, r, ref)
		})
	}
}

// wantDenied looks as nobody, and with a password that is wrong.
func wantDenied(t *testing.T, parent *registry.Client, r *authregistry.Registry, ref image.Reference) {
	t.Helper()
	wrong := keys{ref.Repository: {Name: "reader", Password: "guess"}}
	for who, a := range map[string]registry.Access{"nobody": {Roots: r.CA}, "a wrong password": {Pull: wrong, Roots: r.CA}} {
		c, err := parent.As(a)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Digest(t.Context(), ref, time.Now())
		if registry.KindOf(err) != registry.Denied || strings.Contains(err.Error(), "guess") {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := parent.Digest(t.Context(), ref, time.Now()); !strings.Contains(err.Error(), "certSecretRef") {
		t.Errorf("without its authority: %v", err)
	}
}

// pushed puts an index of two images into the registry.
func pushed(t *testing.T, r *authregistry.Registry) (image.Reference, string) {
	t.Helper()
	ref, err := image.ParseReference(r.Host + "/team/app:1")
	must(t, err)
	tag, err := name.NewTag(ref.String())
	must(t, err)
	index, err := random.Index(64, 1, 2)
	must(t, err)
	must(t, remote.WriteIndex(tag, index, r.As("builder")...))
	digest, err := index.Digest()
	must(t, err)
	return ref, digest.String()
}

func access(t *testing.T, parent *registry.Client, r *authregistry.Registry, account string, ref image.Reference) *registry.Client {
	t.Helper()
	c, err := parent.As(registry.Access{Pull: keys{ref.Repository: r.Account(account)}, Roots: r.CA})
	must(t, err)
	return c
}

// look finds where the tag stands, and what is there.
func look(t *testing.T, c *registry.Client, ref image.Reference) image.Image {
	t.Helper()
	at, err := c.Digest(t.Context(), ref, time.Now())
	must(t, err)
	got, err := c.Inspect(t.Context(), ref.WithDigest(at.Digest), nil)
	must(t, err)
	return got
}

// asked are the requests of the client, and not of what put the image there.
func asked(r *authregistry.Registry) []authregistry.Request {
	return slices.DeleteFunc(r.Requests(), func(r authregistry.Request) bool { return r.Agent != "respin-test" })
}

func refused(requests []authregistry.Request) int {
	return len(slices.DeleteFunc(slices.Clone(requests), func(r authregistry.Request) bool {
		return r.Status != http.StatusUnauthorized
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
