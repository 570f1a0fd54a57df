//go:build integration

package registry_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/test/authregistry"
)

// TestRealRegistriesTakeWhatTheyAreGiven copies an image into another repository as a rebase does: every layer is
// mounted, the config and the manifest are pushed.
func TestRealRegistriesTakeWhatTheyAreGiven(t *testing.T) {
	const layers = 3
	builder := authregistry.Account{
		Name: "builder", Password: rand.Text(), Pull: []string{"base/*", "team/*"}, Push: []string{"base/*", "team/*"},
	}
	confined := authregistry.Account{
		Name: "confined", Password: rand.Text(), Pull: []string{"team/*"}, Push: []string{"team/*"},
	}
	reading := "GET GET "
	floor := strings.Repeat("POST ", layers) + "POST PUT PUT"
	copying := strings.Repeat("HEAD POST GET PUT ", layers) + "POST PUT PUT"
	for name, tt := range map[string]struct {
		login  authregistry.Login
		pusher authregistry.Account
		asked  string
	}{
		"nobody is asked":                       {authregistry.None, builder, reading + floor},
		"by a password":                         {authregistry.Basic, builder, reading + floor},
		"by tokens":                             {authregistry.Token, builder, reading + floor},
		"by tokens, for one repository at once": {authregistry.Token, confined, reading + copying},
	} {
		t.Run(name, func(t *testing.T) {
			r := authregistry.Start(t, authregistry.Options{Login: tt.login, Accounts: []authregistry.Account{builder, confined}})
			from, manifest := pushedImage(t, r, layers)
			to, err := image.ParseReference(r.Host + "/team/app:patched")
			must(t, err)
			c := pushing(t, r, from, builder, to, tt.pusher)
			copied(t, c, from, to)
			var asked []string
			for _, one := range accepted(r) {
				asked = append(asked, one.Method)
			}
			if got := strings.Join(asked, " "); got != tt.asked {
				t.Errorf("asked %s; want %s", got, tt.asked)
			}
			if at, found, err := c.Find(t.Context(), to); err != nil || !found || at != manifest {
				t.Errorf("%s is at %q, %v", to, at, err)
			}
		})
	}
}

// pushedImage puts an image of one layer and more into the repository base/os.
func pushedImage(t *testing.T, r *authregistry.Registry, layers int64) (image.Reference, string) {
	t.Helper()
	ref, err := image.ParseReference(r.Host + "/base/os:1")
	must(t, err)
	tag, err := name.NewTag(ref.String())
	must(t, err)
	made, err := random.Image(1<<16, layers)
	must(t, err)
	must(t, remote.Write(tag, made, r.As("builder")...))
	at, err := made.Digest()
	must(t, err)
	return ref.WithDigest(at.String()), at.String()
}

// pushing is a client for somebody who pulls, and somebody who pushes.
func pushing(t *testing.T, r *authregistry.Registry, from image.Reference, pull authregistry.Account, to image.Reference,
	push authregistry.Account,
) *registry.Client {
	t.Helper()
	host, _, _ := strings.Cut(r.Host, ":")
	o := registry.Options{Internal: []string{host}, UserAgent: "respin-test"}
	if r.CA == nil {
		o.PlainHTTP = []string{r.Host}
	}
	c, err := registry.New(o).As(registry.Access{
		Pull: keys{from.Repository: pull, to.Repository: pull}, Push: keys{to.Repository: push}, Roots: r.CA,
	})
	must(t, err)
	return c
}

// copied makes an image anew in another repository.
func copied(t *testing.T, c *registry.Client, from, to image.Reference) {
	t.Helper()
	mediaType, raw, err := c.Manifest(t.Context(), from)
	must(t, err)
	var manifest ocispec.Manifest
	must(t, json.Unmarshal(raw, &manifest))
	config, err := c.Config(t.Context(), from, manifest.Config)
	must(t, err)
	for _, layer := range manifest.Layers {
		must(t, c.Mount(t.Context(), from, to, layer))
	}
	must(t, c.PushBlob(t.Context(), to, config))
	must(t, c.PushManifest(t.Context(), to, mediaType, raw))
}

// accepted are the client's requests but for those by which it learned how to log in, and what it may not do.
func accepted(r *authregistry.Registry) []authregistry.Request {
	return slices.DeleteFunc(asked(r), func(one authregistry.Request) bool {
		return one.Path == "/v2/" || one.Status == http.StatusUnauthorized
	})
}
