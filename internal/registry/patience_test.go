package registry

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// dropping is a stream of a byte at a time, each after a while, for as long as the context lasts.
type dropping struct {
	ctx   context.Context
	every time.Duration
}

func (d dropping) Read(p []byte) (int, error) {
	select {
	case <-time.After(d.every):
		return copy(p, "."), nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

func TestPatienceIsLostWithWhoKeepsUsWaiting(t *testing.T) {
	from, to := image.Reference{Repository: "from.example/a", Tag: "1"}, image.Reference{Repository: "to.example/a", Tag: "1"}
	const soon, late, never = time.Millisecond, 100 * time.Millisecond, time.Hour
	tests := map[string]struct {
		still, longest, source, sink time.Duration
		ours                         bool
		says                         string // empty where the end comes before patience is lost
	}{
		"a source that gives nothing":        {late, never, never, 0, false, "from.example did not answer in time"},
		"a sink that takes nothing":          {late, never, soon, 3 * late, false, "to.example did not answer in time"},
		"ourselves, who take our time":       {late, never, soon, 3 * late, true, ""},
		"a source, where we take our time":   {late, never, never, 0, true, "from.example did not answer in time"},
		"a source that only drops":           {late, 3 * late, soon, 0, false, "to.example did not answer in time"},
		"a source and a sink that are quick": {late, never, soon, 0, false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPatience(t.Context(), tt.still, tt.longest)
			p.ours = tt.ours
			stream := p.of(dropping{p.ctx, tt.source})
			var err error
			for n := 0; err == nil && (n < 3 || tt.longest < never); n++ {
				if _, err = io.ReadFull(stream, make([]byte, 1)); tt.sink > 0 {
					time.Sleep(tt.sink)
				}
			}
			err = p.over(from, to, err)
			if tt.says == "" && err != nil || tt.says != "" && (KindOf(err) != Unreachable || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %v", err)
			}
			if p.ctx.Err() == nil {
				t.Error("its context goes on")
			}
		})
	}
}
