package registry

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// The tests of this file hold us against what went wrong elsewhere, a class of vulnerabilities each.

// secureFakes are registries on one host, of which each has its own port.
func secureFakes(t *testing.T) (*fake, *fake) { return newSecureFake(t), newSecureFake(t) }

// redirecting sends on whoever comes, to the same path.
func redirecting(to *fake) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, to.URL+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		return true
	}
}

func challenging(realm string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="s"`, realm))
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

// CVE-2025-14443 of openshift-apiserver: image references that lead to internal services. What a namespace brings along
// changes nothing of it; names that lead there by redirect are in TestNoNameLeadsToAnInternalAddress.
func TestImageReferencesDoNotReachInternalServices(t *testing.T) {
	internal := newSecureFake(t)
	_, port, _ := strings.Cut(internal.host, ":")
	c := as(t, New(Options{Wait: noWait, Timeout: 5 * time.Second}), Access{Pull: ring{"": me}, Roots: internal.roots()})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"} {
		ref, err := image.ParseReference(host + ":" + port + "/app:1")
		if err != nil {
			continue // which is as good
		}
		if _, err := c.Digest(t.Context(), ref, time.Now()); KindOf(err) != ForbiddenAddress {
			t.Errorf("%s: %s, %v", host, KindOf(err), err)
		}
	}
	if asked := internal.requests(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// CVE-2026-33540 of distribution: credentials that go to whatever realm a challenge names.
func TestARealmGetsCredentialsOnlyOfTheRegistryThatNamesIt(t *testing.T) {
	own, other := secureFakes(t)
	tests := map[string]struct {
		registry func(http.ResponseWriter, *http.Request) bool
		other    func(http.ResponseWriter, *http.Request) bool
		shown    []string // to the other
	}{
		"a realm on another host, as Docker Hub's is": {
			challenging(other.URL + "/token"), answering("token", []byte(`{"token":"x"}`)), []string{me.basic()},
		},
		"a realm that another host names, to which the registry redirected": {
			redirecting(other), challenging(other.URL + "/token"), nil,
		},
		"a password that another host wants, to which the registry redirected": {
			redirecting(other), func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}, nil,
		},
		"a realm that redirects to another host": {
			func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/token" {
					return redirecting(other)(w, r)
				}
				return challenging(own.URL+"/token")(w, r)
			}, answering("token", []byte(`{"token":"x"}`)), nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			own.fault, other.fault, other.shown = tt.registry, tt.other, nil
			for _, who := range []Credential{me, {Username: "me", Password: "hunter2", IdentityToken: "it"}} {
				c := as(t, secureClient(), Access{Pull: ring{own.host: who}, Roots: own.roots()})
				if _, err := c.Digest(t.Context(), own.ref("app:1"), time.Now()); err == nil {
					t.Error("it is let in")
				}
			}
			shown, asked := slices.Compact(other.proofs()), other.requests()
			if !slices.Equal(shown, tt.shown) {
				t.Errorf("the other host was shown %q", shown)
			}
			// An identity token is in the body of a request that a redirect repeats.
			if slices.ContainsFunc(asked, func(r string) bool { return strings.HasPrefix(r, "POST") }) && tt.shown == nil {
				t.Errorf("the other host was asked %q", asked)
			}
		})
	}
}

// CVE-2026-48978 of oras-go: realms at internal addresses, and realms that leave TLS.
func TestRealmsLeadNeitherToInternalServicesNorOutOfTLS(t *testing.T) {
	own, internal := secureFakes(t)
	plain := newFake(t)
	for name, tt := range map[string]struct {
		realm string
		kind  Kind
	}{
		"another listed host in plain HTTP":         {plain.URL + "/token", ForbiddenAddress},
		"another listed host, as if it were TLS":    {"https://" + plain.host + "/token", ForbiddenAddress},
		"a host in plain HTTP":                      {"http://auth.example/token", ForbiddenAddress},
		"an internal address":                       {"https://" + internal.host + "/token", ForbiddenAddress},
		"an internal name":                          {strings.Replace(internal.URL, "127.0.0.1", "localhost", 1) + "/token", ForbiddenAddress},
		"the cloud's metadata":                      {"http://169.254.169.254/latest/meta-data/iam/security-credentials/", ForbiddenAddress},
		"a file":                                    {"file:///etc/passwd", BadContent},
		"nothing":                                   {"", BadContent},
		"a path":                                    {"/token", BadContent},
		"something with a name and a password":      {"https://a:b@" + own.host + "/token", BadContent},
		"something that is no URL":                  {"https://a b/", BadContent},
		"a scheme of the same host, in plain HTTP":  {"http://" + own.host + "/token", ForbiddenAddress},
		"a scheme that nobody knows":                {"gopher://" + own.host + "/token", BadContent},
		"the registry itself, which is as it is to": {own.URL + "/token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			own.fault = challenging(tt.realm)
			if tt.kind == "" {
				own.putImage("1", "amd64")
				newDoorman(own)
			}
			c := as(t, secureClient(func(o *Options) {
				o.Internal, o.PlainHTTP = []string{own.host}, []string{plain.host}
			}), Access{Pull: ring{own.host: me}, Roots: own.roots()})
			if _, err := c.Digest(t.Context(), own.ref("app:1"), time.Now()); KindOf(err) != tt.kind {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
			if asked := append(internal.requests(), plain.requests()...); len(asked) > 0 {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// A public registry must not choose the paths at which listed hosts are asked, either.
func TestHostsThatAreNotListedDoNotLeadToThoseThatAre(t *testing.T) {
	l := newLists(Options{
		PlainHTTP: []string{"plain.example"}, Internal: []string{"internal.example", "port.example:443"},
		Mirrors: map[string][]string{"docker.io": {"mirror.example/hub"}},
	})
	for way, wrong := range map[string]bool{
		"https://public.example https://other.example":          false,
		"https://public.example https://internal.example:8443":  true,
		"https://public.example https://port.example":           true,
		"https://public.example https://port.example:8443":      false,
		"https://public.example https://mirror.example/x":       true,
		"https://public.example http://other.example":           true,
		"https://public.example https://plain.example":          true,
		"https://internal.example https://mirror.example":       false,
		"https://internal.example https://public.example":       false,
		"https://internal.example http://plain.example":         true,
		"http://plain.example https://internal.example":         false,
		"http://plain.example https://auth.example":             false,
		"https://public.example https://name@other.example":     true,
		"https://public.example https://user:pw@public.example": true,
	} {
		from, to, _ := strings.Cut(way, " ")
		if err := l.lead(parseURL(t, from), parseURL(t, to)); (err != nil) != wrong {
			t.Errorf("%s: %v", way, err)
		}
	}
}

func parseURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// CVE-2026-50151 of oras-go: a Location that takes an upload, and what proves who pushes, to another host.
func TestTheLocationOfAnUploadGetsNoProofElsewhere(t *testing.T) {
	own, other := secureFakes(t)
	plain := newFake(t)
	stored := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusCreated)
		return true
	}
	for name, tt := range map[string]struct {
		at   string
		kind Kind
	}{
		"the registry itself":             {at: own.URL + "/v2/app/blobs/uploads/1"},
		"the registry, without its host":  {at: "/v2/app/blobs/uploads/1"},
		"another port of its host":        {at: other.URL + "/v2/app/blobs/uploads/1"},
		"another host in plain HTTP":      {at: plain.URL + "/v2/app/blobs/uploads/1", kind: ForbiddenAddress},
		"the registry in plain HTTP":      {at: "http://" + own.host + "/v2/app/blobs/uploads/1", kind: ForbiddenAddress},
		"an internal address":             {at: "https://169.254.169.254/latest", kind: ForbiddenAddress},
		"a name and a password":           {at: "https://a:b@" + other.host + "/x", kind: BadContent},
		"another that asks for them anew": {at: other.URL + "/asking", kind: Denied},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoorman(own)
			own.fault = func(w http.ResponseWriter, r *http.Request) bool { return d.handle(w, r) || stored(w, r) }
			other.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/asking" {
					return challenging(own.URL+"/token")(w, r)
				}
				return stored(w, r)
			}
			c := as(t, secureClient(func(o *Options) { o.PlainHTTP = []string{plain.host} }),
				Access{Pull: ring{"127.0.0.1": me}, Roots: own.roots()})
			answer, err := c.do(t.Context(), own.ref("app:1"), call{
				method: http.MethodPut, at: parseURL(t, tt.at), push: true, accept: []int{http.StatusCreated},
			})
			if KindOf(err) != tt.kind {
				t.Errorf("got %v", err)
			}
			if err == nil {
				answer.Body.Close()
			}
			if shown := append(other.proofs(), plain.proofs()...); len(shown) > 0 {
				t.Errorf("other hosts were shown %q", shown)
			}
		})
	}
}

// CVE-2020-15157 of containerd: layers that name a URL of their own, and hosts that ask for credentials there.
func TestForeignLayersAndRedirectsGetNoProof(t *testing.T) {
	own, other := secureFakes(t)
	d := newDoorman(own)
	foreign := raw(fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":2},"layers":[
		{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","digest":%q,"size":1,"urls":[%q]}]}`,
		typeOCIManifest, typeOCIConfig, diffID("config", 0), diffID("layer", 0), other.URL+"/layer"))(own)
	c := as(t, secureClient(), Access{Pull: ring{"127.0.0.1": me}, Roots: own.roots()})
	if _, err := c.Inspect(t.Context(), own.ref("app@"+foreign.Digest), nil); err == nil || len(other.requests()) > 0 {
		t.Errorf("the layer's own place was asked, or %v", err)
	}
	want := other.putImage("1", "amd64")
	abroad := newDoorman(other)
	abroad.public = true
	own.fault = func(w http.ResponseWriter, r *http.Request) bool {
		return d.handle(w, r) || redirecting(other)(w, r)
	}
	got, _, err := c.Find(t.Context(), own.ref("app:1"))
	if err != nil || got != want.Digest {
		t.Errorf("got %q, %v", got, err)
	}
	for _, header := range other.proofs() {
		if token := strings.TrimPrefix(header, "Bearer "); abroad.issued[token] == nil {
			t.Errorf("the other host was shown %q", header)
		}
	}
}

// Who redirects back to the registry must not choose what it is asked in somebody's name.
func TestARedirectBackToTheRegistryShowsNoProof(t *testing.T) {
	own, other := secureFakes(t)
	d := newDoorman(own)
	d.basic = true
	own.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v2/app/manifests/1" {
			return d.handle(w, r) || redirecting(other)(w, r)
		}
		return d.handle(w, r)
	}
	other.fault = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, own.URL+"/v2/secret/manifests/1", http.StatusTemporaryRedirect)
		return true
	}
	c := as(t, secureClient(), Access{Pull: ring{own.host: me}, Roots: own.roots()})
	_, _, err := c.Find(t.Context(), own.ref("app:1"))
	if asked := own.requests(); KindOf(err) != Denied || asked[len(asked)-1] != "HEAD /v2/secret/manifests/1" {
		t.Errorf("asked %q and got %v", asked, err)
	}
	if shown := own.proofs(); len(shown) != 1 {
		t.Errorf("shown %q", shown)
	}
}

// CVE-2024-35192 of trivy: credentials of this machine, or of a cloud, for a registry that somebody else names.
func TestNothingButWhatIsGivenProvesWhoAsks(t *testing.T) {
	f := newFake(t)
	newDoorman(f).basic = true
	home := t.TempDir()
	config := fmt.Sprintf(`{"auths":{%q:{"username":"me","password":"hunter2"}}}`, f.host)
	for _, name := range []string{"config.json", "auth.json", ".docker/config.json", ".config/containers/auth.json"} {
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"HOME": home, "DOCKER_CONFIG": home, "REGISTRY_AUTH_FILE": filepath.Join(home, "auth.json"), "XDG_RUNTIME_DIR": home,
		"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "hunter2", "GITHUB_TOKEN": "hunter2",
	} {
		t.Setenv(name, value)
	}
	for _, access := range []Access{{}, {Pull: ring{"other.example": me}}, {Pull: ring{f.host + "/other": me}}} {
		if _, _, err := as(t, f.client(), access).Find(t.Context(), f.ref("app:1")); KindOf(err) != Denied {
			t.Errorf("got %v", err)
		}
	}
	if shown := f.proofs(); len(shown) > 0 {
		t.Errorf("shown %q", shown)
	}
}

// CVE-2026-22039 of kyverno: what one namespace may read, by the operator's hand in another. Answers that are kept are
// in TestAnswersAreSharedByThoseWithTheSameRightsAlone; these are the logins, and those who ask at the same time.
func TestNamespacesDoNotShareLogins(t *testing.T) {
	f := newFake(t)
	f.putImage("1", "amd64")
	d := newDoorman(f)
	begun, release := make(chan struct{}), make(chan struct{})
	f.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer") {
			close(begun)
			<-release
		}
		return d.handle(w, r)
	}
	parent, ref := f.client(), f.ref("app:1")
	one, first := as(t, parent, Access{Pull: ring{f.host: me}}), make(chan error)
	go func() {
		_, err := one.Digest(t.Context(), ref, time.Now())
		first <- err
	}()
	<-begun
	// The first is on its way, with its token.
	other := as(t, parent, Access{Pull: ring{f.host: {Username: "x", Password: "y"}}})
	for name, c := range map[string]*Client{"another": other, "nobody": parent} {
		if _, err := c.Digest(t.Context(), ref, time.Now().Add(-time.Hour)); KindOf(err) != Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
