package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCredentialsAreNotShown(t *testing.T) {
	secret := Credential{Username: "hunter1", Password: "hunter2", IdentityToken: "hunter3", RegistryToken: "hunter4"}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "credential", secret, "within", struct{ C Credential }{secret})
	raw, err := json.Marshal(map[string]any{"a": secret, "b": []Credential{secret}})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{
		"String": secret.String(), "GoString": secret.GoString(), "logged": logged.String(), "JSON": string(raw),
		"within": fmt.Sprintf("%v %+v", struct{ C Credential }{secret}, []Credential{secret}),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		shown[verb] = fmt.Sprintf(verb, secret)
	}
	for how, words := range shown {
		if strings.Contains(words, "hunter") || !strings.Contains(words, "[credential]") {
			t.Errorf("%s: %s", how, words)
		}
	}
}

func TestRegistriesThatRepeatSecretsAreNotQuoted(t *testing.T) {
	for name, who := range map[string]Credential{"a password": me, "an identity token": {IdentityToken: "hunter2"}} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := newDoorman(f)
			d.identity = "hunter2"
			f.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if header := r.Header.Get("Authorization"); strings.HasPrefix(header, "Bearer") {
					_, token, _ := strings.Cut(header, " ")
					w.WriteHeader(http.StatusForbidden)
					fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"you are hunter2 with %s"}]}`, token)
					return true
				}
				return d.handle(w, r)
			}
			_, err := as(t, f.client(), Access{Pull: ring{f.host: who}}).request(t.Context(), f.ref("app:1"), http.MethodGet, "manifests/1")
			if KindOf(err) != Denied || !strings.Contains(err.Error(), "you are [hidden] with [hidden]") {
				t.Errorf("got %v", err)
			}
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				if words := fmt.Sprintf("%+v", cause); strings.Contains(words, "hunter2") || strings.Contains(words, "token-") {
					t.Errorf("shown: %s", words)
				}
			}
		})
	}
}

func TestAnswersAreSharedByThoseWithTheSameRightsAlone(t *testing.T) {
	f := newSecureFake(t)
	want := f.putImage("1", "amd64")
	d := newDoorman(f)
	d.basic = true
	parent, ref, notBefore := secureClient(), f.ref("app:1"), time.Now().Add(-time.Minute)
	first := as(t, parent, Access{Pull: ring{f.host: me}, Roots: f.roots()})
	look := func(c *Client) error {
		f.requests()
		got, err := c.Digest(t.Context(), ref, notBefore)
		if err != nil {
			return err
		}
		_, err = c.Inspect(t.Context(), ref.WithDigest(got.Digest), nil)
		return err
	}
	if err := look(first); err != nil || len(f.requests()) != 4 {
		t.Fatalf("got %v", err)
	}
	wrong := Credential{Username: "me", Password: "hunter1"}
	for name, tt := range map[string]struct {
		access Access
		asked  bool
		kind   Kind
	}{
		"the same once more":                {Access{Pull: ring{f.host: me}, Roots: f.roots()}, false, ""},
		"the same, said of the path":        {Access{Pull: ring{f.host: wrong, f.host + "/app": me}, Roots: f.roots()}, false, ""},
		"the same, and others elsewhere":    {Access{Pull: ring{f.host: me, "x.example": wrong}, Roots: f.roots()}, false, ""},
		"the same, and another for pushing": {Access{Pull: ring{f.host: me}, Push: ring{f.host: wrong}, Roots: f.roots()}, false, ""},
		"nobody":                            {Access{Roots: f.roots()}, true, Denied},
		"another password":                  {Access{Pull: ring{f.host: wrong}, Roots: f.roots()}, true, Denied},
		"the same for another path only":    {Access{Pull: ring{f.host + "/other": me}, Roots: f.roots()}, true, Denied},
		"the same, who trusts others":       {Access{Pull: ring{f.host: me}}, true, Unreachable},
		"the same, who trusts more":         {Access{Pull: ring{f.host: me}, Roots: append(f.roots(), '\n')}, true, ""},
		"a name that runs into a password":  {Access{Pull: ring{f.host: {Username: "mehunter2"}}, Roots: f.roots()}, true, Denied},
	} {
		t.Run(name, func(t *testing.T) {
			err := look(as(t, parent, tt.access))
			asked := f.requests()
			if KindOf(err) != tt.kind || tt.kind == "" && err != nil || tt.kind == "" && (len(asked) > 0) != tt.asked {
				t.Errorf("asked %q and got %v", asked, err)
			}
		})
	}
	if got, err := first.Digest(t.Context(), ref, notBefore); err != nil || got.Digest != want.Digest {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLimitsAndConnectionsAreSharedByAll(t *testing.T) {
	f := newFake(t)
	parent := f.client()
	one, other := as(t, parent, Access{Pull: ring{f.host: me}}), as(t, parent, Access{})
	f.fault = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	if _, err := one.request(t.Context(), f.ref("app:1"), http.MethodGet, "manifests/1"); RetryAfter(err).IsZero() {
		t.Fatal(err)
	}
	f.requests()
	if _, err := other.request(t.Context(), f.ref("app:1"), http.MethodGet, "manifests/1"); RetryAfter(err).IsZero() || len(f.requests()) > 0 {
		t.Errorf("got %v", err)
	}
	if one.transport != parent.transport || other.transport != parent.transport {
		t.Error("connections are not shared")
	}
}

func TestRootsAreTrustedByThoseWhoGaveThem(t *testing.T) {
	f := newSecureFake(t)
	want := f.putImage("1", "amd64").Digest
	parent := secureClient()
	trusting := as(t, parent, Access{Roots: f.roots()})
	if got, _, err := trusting.Find(t.Context(), f.ref("app:1")); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if again := as(t, parent, Access{Roots: f.roots()}); again.transport != trusting.transport {
		t.Error("connections are not shared by those with the same roots")
	}
	if _, _, err := as(t, parent, Access{}).Find(t.Context(), f.ref("app:1")); KindOf(err) != Unreachable || !strings.Contains(err.Error(), "certSecretRef") {
		t.Errorf("without the roots: %v", err)
	}
	for name, roots := range map[string]string{
		"no PEM":  "hunter2",
		"a key":   "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n",
		"garbage": "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n",
	} {
		if _, err := parent.As(Access{Roots: []byte(roots)}); err == nil || !strings.Contains(err.Error(), "BEGIN CERTIFICATE") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := parent.As(Access{Roots: []byte(" \n")}); err != nil || c.transport != parent.transport {
		t.Errorf("nothing: %v", err)
	}
}

func TestOldTLSIsNotSpoken(t *testing.T) {
	f := unstarted(t)
	f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	f.TLS = oldTLS()
	f.StartTLS()
	f.host = strings.TrimPrefix(f.URL, "https://")
	_, _, err := as(t, secureClient(), Access{Roots: f.roots()}).Find(t.Context(), f.ref("app:1"))
	if KindOf(err) != Unreachable || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("got %s: %v", KindOf(err), err)
	}
}

func TestTransportsAreBounded(t *testing.T) {
	c := secureClient()
	for i := range 2 * keptTransports {
		as(t, c, Access{Roots: slices.Concat(rootsOfTests(t), []byte(strings.Repeat("\n", i)))})
	}
	if got := len(c.transports.kept); got != keptTransports {
		t.Errorf("%d are kept", got)
	}
}
