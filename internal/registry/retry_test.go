package registry

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestPassingTroubleIsTriedAgain(t *testing.T) {
	closing := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	tests := map[string]struct {
		fault  http.HandlerFunc
		times  int // that it fails
		method string
		asked  int
		waits  []time.Duration
		kind   Kind
	}{
		"a registry that works":            {nil, 0, http.MethodGet, 1, nil, ""},
		"one that fails once":              {status(500, ""), 1, http.MethodGet, 2, []time.Duration{firstWait}, ""},
		"one that fails twice":             {status(502, ""), 2, http.MethodHead, 3, []time.Duration{firstWait, 2 * firstWait}, ""},
		"one that goes on to fail":         {status(504, ""), 9, http.MethodGet, 3, []time.Duration{firstWait, 2 * firstWait}, Unreachable},
		"a write that says what it writes": {status(503, ""), 1, http.MethodPut, 2, []time.Duration{firstWait}, ""},
		"a write that begins something":    {status(503, ""), 9, http.MethodPost, 1, nil, Unreachable},
		"an answer that will not change":   {status(404, ""), 9, http.MethodGet, 1, nil, NotFound},
		"a method that is not known":       {status(501, ""), 9, http.MethodHead, 1, nil, Unreachable},
		"one that wants to be left alone":  {status(429, ""), 9, http.MethodGet, 1, nil, Unreachable},
		"one that cuts the connection":     {closing, 1, http.MethodGet, 2, []time.Duration{firstWait}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var waits []time.Duration
			c := f.client(func(o *Options) {
				o.Wait = func(_ context.Context, longest time.Duration) error {
					waits = append(waits, longest)
					return nil
				}
			})
			var times atomic.Int32
			f.failing(func(w http.ResponseWriter, r *http.Request) {
				if int(times.Add(1)) <= tt.times {
					tt.fault(w, r)
				}
			})
			answer, err := c.do(t.Context(), f.ref("app:1"), call{method: tt.method, what: "manifests/1"})
			if err == nil {
				answer.Body.Close()
			}
			if asked := f.requests(); KindOf(err) != tt.kind || len(asked) != tt.asked || !slices.Equal(waits, tt.waits) {
				t.Errorf("got %v after %q and waits of %v", err, asked, waits)
			}
		})
	}
}

func TestNobodyWaitsForOneWhoHasLeft(t *testing.T) {
	f := newFake(t)
	ctx, leave := context.WithCancel(t.Context())
	c := f.client(func(o *Options) {
		o.Wait = func(ctx context.Context, _ time.Duration) error {
			leave()
			return wait(ctx, time.Hour)
		}
	})
	f.failing(status(500, ""))
	if _, err := c.request(ctx, f.ref("app:1"), http.MethodGet, "manifests/1"); KindOf(err) != Unreachable {
		t.Errorf("got %v", err)
	}
	if asked := f.requests(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

func TestWaitsAreBounded(t *testing.T) {
	begun := time.Now()
	if err := wait(t.Context(), time.Millisecond); err != nil || time.Since(begun) > time.Second {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
}
