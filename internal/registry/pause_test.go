package registry

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestTheLatestTimeOfSeveralAnswersCounts(t *testing.T) {
	clock := newClock()
	p := &pauses{now: clock.now, until: newMemory[time.Time](keptHosts)}
	told := func(after string) time.Time {
		t.Helper()
		var paused *pauseError
		err := p.heed("r.example", &http.Response{
			StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {after}},
		})
		if !errors.As(err, &paused) {
			t.Fatal(err)
		}
		return paused.until
	}
	begun := clock.now()
	for _, step := range []struct {
		after string
		want  time.Duration
	}{{"60", time.Minute}, {"1", time.Minute}, {"", time.Minute}, {"90", 90 * time.Second}} {
		if until := told(step.after); !until.Equal(begun.Add(step.want)) {
			t.Errorf("after %q it is left alone for %s, want %s", step.after, until.Sub(begun), step.want)
		}
	}
	clock.advance(89 * time.Second)
	if p.check("r.example") == nil {
		t.Error("it is asked too early")
	}
	clock.advance(time.Second)
	if err := p.check("r.example"); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}
