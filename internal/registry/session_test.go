package registry

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestPublicRegistriesWithTokens(t *testing.T) {
	f, clock := newFake(t), newClock()
	want := f.putImage("1", "amd64").Digest
	token := "first"
	f.fault = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/token" && r.URL.Query().Get("scope") == "repository:app:pull" && r.Header.Get("Authorization") == "":
			fmt.Fprintf(w, `{"token":%q,"expires_in":300}`, token)
			return true
		case r.Header.Get("Authorization") == "Bearer "+token:
			return false
		}
		w.Header().Set("WWW-Authenticate",
			fmt.Sprintf(`Bearer realm="%s/token",service="r",scope="repository:app:pull"`, f.URL))
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	c := f.client(clock.option)
	const head, get = "HEAD /v2/app/manifests/1", "GET /token"
	steps := []struct {
		when     string
		after    time.Duration
		token    string
		requests []string
	}{
		{"first it learns that it has to log in", 0, "first", []string{head, get, head}},
		{"then it asks", time.Minute, "first", []string{head}},
		{"when the token is not taken any more it gets another", time.Minute, "second", []string{head, get, head}},
		{"when the token is old it gets another before it asks", 5 * time.Minute, "third", []string{get, head}},
	}
	for _, step := range steps {
		token = step.token
		clock.advance(step.after)
		got, err := c.Digest(t.Context(), f.ref("app:1"), clock.now())
		if err != nil || got.Digest != want {
			t.Fatalf("%s: %+v, %v", step.when, got, err)
		}
		if asked := f.requests(); !slices.Equal(asked, step.requests) {
			t.Errorf("%s: asked %q", step.when, asked)
		}
	}
}

func TestARefusalIsNotForever(t *testing.T) {
	f, clock := newFake(t), newClock()
	want := f.putImage("1", "amd64").Digest
	c := f.client(clock.option)
	f.failing(status(http.StatusUnauthorized, ""))
	if _, err := c.Digest(t.Context(), f.ref("app:1"), clock.now()); KindOf(err) != Denied {
		t.Fatal(err)
	}
	f.fault = nil
	clock.advance(time.Minute)
	if got, err := c.Digest(t.Context(), f.ref("app:1"), clock.now()); err != nil || got.Digest != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReferencesThatNobodyParsedAreRefused(t *testing.T) {
	f := newFake(t)
	c := f.client()
	for _, tag := range []string{"../../x", "a?b", "", "1\n"} {
		ref := f.ref("app:1")
		ref.Tag = tag
		if _, err := c.Digest(t.Context(), ref, time.Now()); err == nil || KindOf(err) != "" {
			t.Errorf("%q: got %v", tag, err)
		}
	}
	if asked := f.requests(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
}
