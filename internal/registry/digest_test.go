package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 8, 1, 10, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *clock) option(o *Options) { o.Now = c.now }

func TestDigestCostsOneRequestAnInterval(t *testing.T) {
	f, clock := newFake(t), newClock()
	want := f.putImage("1", "amd64").Digest
	c, ref := f.client(clock.option), f.ref("app:1")
	check := func(notBefore time.Time, requests ...string) {
		t.Helper()
		f.requests()
		got, err := c.Digest(t.Context(), ref, notBefore)
		if err != nil || got.Digest != want {
			t.Fatalf("got %+v, %v; want %s", got, err, want)
		}
		if asked := f.requests(); !slices.Equal(asked, requests) {
			t.Errorf("asked %q; want %q", asked, requests)
		}
	}
	const head = "HEAD /v2/app/manifests/1"
	check(clock.now(), head)
	check(clock.now())
	clock.advance(time.Minute)
	check(clock.now().Add(-time.Minute))
	check(clock.now(), head)
	want = f.putImage("1", "arm64").Digest
	clock.advance(time.Minute)
	check(clock.now(), head)
	ref.Digest = diffID("another", 0) // a tag is asked for, whatever digest it had
	check(clock.now())
}

func TestDigestIsSharedByAllWhoAskAtOnce(t *testing.T) {
	f := newFake(t)
	want := f.putImage("1", "amd64").Digest
	f.fault = func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(50 * time.Millisecond)
		return false
	}
	c, ref, notBefore := f.client(), f.ref("app:1"), time.Now()
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.Digest(gone, ref, notBefore); !errors.Is(err, context.Canceled) {
		t.Errorf("one who has left gets %v", err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if got, err := c.Digest(t.Context(), ref, notBefore); err != nil || got.Digest != want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if asked := f.requests(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

func TestDigestKeepsErrorsAsItKeepsAnswers(t *testing.T) {
	f, clock := newFake(t), newClock()
	c, ref := f.client(clock.option), f.ref("app:1")
	for range 3 {
		got, err := c.Digest(t.Context(), ref, clock.now())
		if KindOf(err) != NotFound || !got.CheckedAt.Equal(clock.now()) {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	if asked := f.requests(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
	want := f.putImage("1", "amd64").Digest
	clock.advance(time.Second)
	if got, err := c.Digest(t.Context(), ref, clock.now()); err != nil || got.Digest != want {
		t.Errorf("pushed since, it gives %+v, %v", got, err)
	}
}

func TestDigestAsksWithGetWhereHeadSaysNothing(t *testing.T) {
	tests := map[string]func(http.ResponseWriter){
		"a registry without digests in its headers": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"a registry with a digest that is none": func(w http.ResponseWriter) {
			w.Header().Set("Docker-Content-Digest", "sha256:x")
		},
		"a registry that does not know HEAD": func(w http.ResponseWriter) { w.WriteHeader(http.StatusMethodNotAllowed) },
	}
	for name, head := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			want := f.putImage("1", "amd64").Digest
			f.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodHead {
					head(w)
				}
				return r.Method == http.MethodHead
			}
			got, err := f.client().Digest(t.Context(), f.ref("app:1"), time.Now())
			if err != nil || got.Digest != want {
				t.Errorf("got %+v, %v; want %s", got, err, want)
			}
		})
	}
}

func TestFindIsNeverAnsweredFromMemory(t *testing.T) {
	f := newFake(t)
	c, ref := f.client(), f.ref("app:1")
	if got, found, err := c.Find(t.Context(), ref); err != nil || found || got != "" {
		t.Errorf("before the push: %q, %v, %v", got, found, err)
	}
	want := f.putImage("1", "amd64").Digest
	if got, found, err := c.Find(t.Context(), ref); err != nil || !found || got != want {
		t.Errorf("after the push: %q, %v, %v", got, found, err)
	}
	f.failing(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	if _, found, err := c.Find(t.Context(), ref); KindOf(err) != Unreachable || found {
		t.Errorf("a registry that fails: %v, %v", found, err)
	}
}
