package registry

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

const (
	ping     = "GET /v2/"
	getToken = "GET /token"
	head     = "HEAD /v2/app/manifests/1"
)

func TestLoginCostsAsLittleAsItCan(t *testing.T) {
	refreshing := Credential{Username: "00000000-0000-0000-0000-000000000000", IdentityToken: "it"}
	tests := map[string]struct {
		change func(*doorman)
		who    Credential
		first  []string
		second []string
	}{
		"a registry that asks nobody": {
			func(d *doorman) { d.f.fault = nil }, Credential{}, []string{head}, []string{head},
		},
		"a registry that asks nobody, with a password": {
			func(d *doorman) { d.f.fault = nil }, me, []string{ping, head}, []string{head},
		},
		"a password with each request": {
			func(d *doorman) { d.basic = true }, me, []string{ping, head}, []string{head},
		},
		"a password for a token": {func(*doorman) {}, me, []string{ping, getToken, head}, []string{head}},
		"a token for anybody": {
			func(d *doorman) { d.public = true }, Credential{}, []string{head, getToken, head}, []string{head},
		},
		"a token for an identity token": {
			func(d *doorman) { d.identity = "it" }, refreshing, []string{ping, "POST /token", head}, []string{head},
		},
		"an identity token that is a password": {
			func(d *doorman) { d.name, d.password = refreshing.Username, "it" }, refreshing,
			[]string{ping, "POST /token", getToken, head}, []string{head},
		},
		"a registry token": {
			func(d *doorman) { d.issued["given"] = []string{"repository:app:pull"} }, Credential{RegistryToken: "given"},
			[]string{head}, []string{head},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			want := f.putImage("1", "amd64").Digest
			d := newDoorman(f)
			tt.change(d)
			c := as(t, f.client(), Access{Pull: ring{f.host: tt.who}})
			for _, asked := range [][]string{tt.first, tt.second} {
				got, found, err := c.Find(t.Context(), f.ref("app:1"))
				if err != nil || !found || got != want {
					t.Fatalf("got %q, %v, %v", got, found, err)
				}
				if got := f.requests(); !slices.Equal(got, asked) {
					t.Errorf("asked %q, want %q", got, asked)
				}
			}
		})
	}
}

func TestOneLoginServesAllWhoAskAtOnce(t *testing.T) {
	f := newFake(t)
	f.putImage("1", "amd64")
	newDoorman(f)
	c := as(t, f.client(), Access{Pull: ring{f.host: me}})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, found, err := c.Find(t.Context(), f.ref("app:1")); err != nil || !found {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
	all.Wait()
	asked := f.requests()
	slices.Sort(asked)
	if got := slices.Compact(asked); len(asked) < 3 || !slices.Equal(asked[:3], []string{getToken, ping, head}) {
		t.Errorf("asked %q", got)
	}
}

func TestOneQuestionAHost(t *testing.T) {
	f := newFake(t)
	newDoorman(f).basic = true
	c := as(t, f.client(), Access{Pull: ring{f.host: me}})
	for _, repository := range []string{"a:1", "b:1", "c:1"} {
		if _, _, err := c.Find(t.Context(), f.ref(repository)); err != nil {
			t.Error(err)
		}
	}
	if asked := f.requests(); len(asked) != 4 || asked[0] != ping {
		t.Errorf("asked %q", asked)
	}
}

func TestTokensAreGotAgain(t *testing.T) {
	f, clock := newFake(t), newClock()
	f.putImage("1", "amd64")
	d := newDoorman(f)
	c := as(t, f.client(clock.option), Access{Pull: ring{f.host: me}})
	steps := []struct {
		when     string
		change   func()
		requests []string
	}{
		{"at first", func() {}, []string{ping, getToken, head}},
		{"before it expires", func() { clock.advance(4 * time.Minute) }, []string{head}},
		{"shortly before it does", func() { clock.advance(31 * time.Second) }, []string{getToken, head}},
		{"when it is not taken any more", d.revoke, []string{head, getToken, head}},
		{"when a password is asked for instead", func() { d.basic = true }, []string{head, head}},
		{"and from then on", func() {}, []string{head}},
		{"when it is tokens again", func() { d.basic = false }, []string{head, getToken, head}},
	}
	for _, step := range steps {
		step.change()
		f.requests()
		if _, found, err := c.Find(t.Context(), f.ref("app:1")); err != nil || !found {
			t.Fatalf("%s: %v, %v", step.when, found, err)
		}
		if asked := f.requests(); !slices.Equal(asked, step.requests) {
			t.Errorf("%s: asked %q, want %q", step.when, asked, step.requests)
		}
	}
}

func TestTokensAreForWhatACallNeeds(t *testing.T) {
	f := newFake(t)
	d := newDoorman(f)
	c := as(t, f.client(), Access{Pull: ring{f.host: me}})
	ref := f.ref("app:1")
	mount := call{method: http.MethodPost, what: "blobs/uploads/?from=base&mount=" + diffID("x", 0), push: true,
		from: f.host + "/base", accept: []int{http.StatusAccepted}}
	steps := []struct {
		what   string
		r      call
		scopes []string // of a login; nil for none
	}{
		{"a mount", mount, []string{"repository:app:pull,push", "repository:base:pull"}},
		{"a mount again", mount, nil},
		{"a write, which is among it", call{method: http.MethodPost, what: "blobs/uploads/", push: true, accept: mount.accept}, nil},
		{"a read, which is too", call{method: http.MethodGet, what: "blobs/" + diffID("x", 0), accept: []int{404}}, nil},
		{"a mount from another registry, which is none", call{method: http.MethodPost, what: "blobs/uploads/", push: true,
			from: "elsewhere.example/base", accept: mount.accept}, nil},
	}
	for _, step := range steps {
		d.logins = nil
		answer, err := c.do(t.Context(), ref, step.r)
		if err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		answer.Body.Close()
		var scopes []string
		if len(d.logins) > 0 {
			scopes = d.logins[0]["scope"]
		}
		if len(d.logins) > 1 || !slices.Equal(scopes, step.scopes) {
			t.Errorf("%s: logged in with %q, want %q", step.what, d.logins, step.scopes)
		}
	}
}

func TestWhatARegistryNeedsBesidesIsAskedForOnce(t *testing.T) {
	f := newFake(t)
	f.putImage("1", "amd64")
	d := newDoorman(f)
	d.extra = "repository:base:pull"
	c := as(t, f.client(), Access{Pull: ring{f.host: me}})
	for _, want := range [][]string{{ping, getToken, head, getToken, head}, {head}} {
		if _, found, err := c.Find(t.Context(), f.ref("app:1")); err != nil || !found {
			t.Fatalf("got %v, %v", found, err)
		}
		if asked := f.requests(); !slices.Equal(asked, want) {
			t.Errorf("asked %q, want %q", asked, want)
		}
	}
	// A token that was got for this very call and for all that it needs is not got twice.
	d.mu.Lock()
	d.extra, d.grantsNothing = "", true
	d.mu.Unlock()
	if _, _, err := c.Find(t.Context(), f.ref("other:1")); KindOf(err) != Denied {
		t.Errorf("got %v", err)
	}
	if asked, want := f.requests(), []string{getToken, "HEAD /v2/other/manifests/1"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

func TestABodyIsNotSentForNothing(t *testing.T) {
	for _, anonymous := range []bool{true, false} {
		f := newFake(t)
		newDoorman(f).public = true
		access := Access{Pull: ring{f.host: me}}
		if anonymous {
			access = Access{}
		}
		sent := 0
		put := call{
			method: http.MethodPut, what: "manifests/1", push: true, length: 2, accept: []int{http.StatusCreated},
			header: http.Header{"Content-Type": {typeOCIManifest}},
			body: func() (io.ReadCloser, error) {
				sent++
				return io.NopCloser(bytes.NewReader([]byte("{}"))), nil
			},
		}
		answer, err := as(t, f.client(), access).do(t.Context(), f.ref("app:1"), put)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if asked := f.requests(); sent != 1 || !slices.Equal(asked, []string{ping, getToken, "PUT /v2/app/manifests/1"}) {
			t.Errorf("sent it %d times: %q", sent, asked)
		}
	}
}

func TestPushingHasItsOwnCredentials(t *testing.T) {
	f := newFake(t)
	d := newDoorman(f)
	d.basic, d.name, d.password = true, "builder", "hunter3"
	begin := call{method: http.MethodPost, what: "blobs/uploads/", push: true, accept: []int{http.StatusAccepted}}
	reader, builder := ring{f.host: me}, ring{f.host: {Username: "builder", Password: "hunter3"}}
	for name, tt := range map[string]struct {
		access Access
		kind   Kind
	}{
		"those for pushing":                  {Access{Pull: reader, Push: builder}, ""},
		"those for pulling where none are":   {Access{Pull: builder}, ""},
		"none but those, for a push":         {Access{Pull: builder, Push: reader}, Denied},
		"those of another path on this host": {Access{Pull: ring{f.host: builder[f.host], f.host + "/app": me}}, Denied},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := as(t, f.client(), tt.access).do(t.Context(), f.ref("app:1"), begin)
			if KindOf(err) != tt.kind || tt.kind == "" && err != nil {
				t.Fatalf("got %v", err)
			}
			if err == nil {
				answer.Body.Close()
			}
		})
	}
}

func TestDockerHubIsSpokenToAtItsRegistry(t *testing.T) {
	s := New(Options{}).session("docker.io/library/debian", false)
	if s.base.String() != "https://index.docker.io/v2/library/debian" {
		t.Errorf("at %s", &s.base)
	}
	scopes := s.scopes(call{from: "docker.io/library/alpine"})
	if want := []string{"repository:library/alpine:pull", "repository:library/debian:pull"}; !slices.Equal(scopes, want) {
		t.Errorf("with %q", scopes)
	}
}

func TestChallengesAreReadAsTheyComeAndNoFurther(t *testing.T) {
	s := New(Options{}).session("r.example/app", false)
	many := strings.Repeat("repository:a:pull ", 100)
	for name, tt := range map[string]struct {
		header []string
		want   string
		scopes int
	}{
		"the password's":                    {[]string{`Basic realm="x"`}, "", 0},
		"a token's":                         {[]string{`Bearer realm="https://auth.example/t",service="s"`}, "https://auth.example/t", 0},
		"a token's among others":            {[]string{"Negotiate", `Basic realm="x"`, `bearer realm="https://auth.example/t"`}, "https://auth.example/t", 0},
		"one with more scopes than anybody": {[]string{`Bearer realm="https://auth.example/t",scope="` + many + `"`}, "https://auth.example/t", maxScopes},
		"none":                              {nil, "", 0},
		"one that nobody knows":             {[]string{`Negotiate`}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.parse(http.Header{"Www-Authenticate": tt.header})
			realm := ""
			if got.realm != nil {
				realm = got.realm.String()
			}
			if err != nil || realm != tt.want || len(got.scopes) != tt.scopes {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestRealmsThatGiveNoTokenAreSaidToBeThat(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		kind   Kind
		says   string
	}{
		"a web site":           {status(200, "<html>"), BadContent, "no token that can be read"},
		"an empty token":       {status(200, `{"token":""}`), BadContent, "no token that can be read"},
		"more than any token":  {status(200, `{"token":"`+strings.Repeat("x", maxToken)+`"}`), BadContent, "no token that can be read"},
		"a token with a break": {status(200, `{"token":"a\nb"}`), BadContent, "invalid header field value"},
		"nothing there":        {status(404, ""), BadContent, "status 404"},
		"trouble":              {status(500, ""), Unreachable, "status 500"},
		"a refusal":            {status(403, ""), Denied, "the credentials for"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := newDoorman(f)
			f.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/token" {
					return d.handle(w, r)
				}
				tt.answer(w, r)
				return true
			}
			c := as(t, f.client(), Access{Pull: ring{f.host: me}})
			_, err := c.Digest(t.Context(), f.ref("app:1"), time.Now())
			if KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
			if _, known := c.doors.get(c.session(image.Reference{Repository: f.host + "/app"}.Repository, false).door()); known != (name == "a token with a break" || name == "trouble") {
				t.Errorf("how to log in is still known: %v", known)
			}
		})
	}
}
