package registry

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image/safety"
)

// dripping sends a byte now and then, of many that it promises, until the other side gives up. It tells when it began.
func dripping(began chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(magicZstd[:1])
		_ = http.NewResponseController(w).Flush()
		began <- struct{}{}
		for r.Context().Err() == nil {
			_, _ = w.Write(magicZstd[1:2])
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Millisecond)
		}
	}
}

// largeLayer is a layer of which no registry has anything.
func (f *fake) largeLayer(name string) safety.Layer {
	plain := layerTar(f.t, name, name)
	l := f.putLayer(plain, plain)
	l.Layer.Size = 100000
	return l
}

func TestASlowRegistryHoldsUpNoOther(t *testing.T) {
	slow, good := newFake(t), newFake(t)
	began := make(chan struct{}, 2)
	slow.fault = serving(dripping(began))
	c := slow.client(func(o *Options) { o.PlainHTTP = append(o.PlainHTTP, good.host) })
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := c.Layers(ctx, []safety.Layer{slow.largeLayer("one"), slow.largeLayer("two")})
		left <- err
	}()
	<-began
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	plain := layerTar(t, "etc/one", "1")
	learn(t, c, good.putLayer(plain, plain))
	slow.CloseClientConnections()
}

func TestASlowRegistryIsGivenUp(t *testing.T) {
	f := newFake(t)
	f.fault = serving(dripping(make(chan struct{}, 1)))
	c := f.client()
	c.library.rateOver = 50 * time.Millisecond
	_, err := c.Layers(t.Context(), []safety.Layer{f.largeLayer("one")})
	if KindOf(err) != Unreachable || !strings.Contains(err.Error(), f.host+" sends fewer than 65536 bytes a second") {
		t.Errorf("got %s: %v", KindOf(err), err)
	}
	f.fault = nil
	plain := layerTar(t, "etc/one", "1")
	learn(t, c, f.putLayer(plain, plain))
}

func TestALayerThatWaitsTooLongSaysSo(t *testing.T) {
	f := newFake(t)
	c, l := f.client(), f.largeLayer("one")
	if err := c.library.places.take(t.Context(), f.host); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
	defer leave()
	_, err := c.learning(l.Ref, descriptor{Digest: l.Layer.Digest, Size: l.Layer.Size}, "layer")(ctx)
	if KindOf(err) != Unreachable || !strings.Contains(err.Error(), "waited too long for their turn") {
		t.Errorf("got %s: %v", KindOf(err), err)
	}
	if asked := f.requests(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestPlacesAreGivenInTurn(t *testing.T) {
	p := newPlaces()
	come := func(waiting *turn) bool {
		select {
		case <-waiting.come:
			return true
		default:
			return false
		}
	}
	a, again, b, c := p.queue("a"), p.queue("a"), p.queue("b"), p.queue("c")
	if !come(a) || come(again) || !come(b) || come(c) {
		t.Error("there is more than one place for a host, or more than two in all, or fewer")
	}
	p.quit(b) // as where it came when nobody waited for it any more
	if come(again) || !come(c) {
		t.Error("a place that was given up is not given to the first who may have it")
	}
	p.quit(again)
	if p.leave("a"); come(again) || len(p.waiting) != 0 || len(p.busy) != 1 {
		t.Errorf("who gave up waiting still has a turn: %v", p.busy)
	}
}

func TestPace(t *testing.T) {
	const s = time.Second
	type step struct {
		got  int
		took time.Duration
		want bool
	}
	for name, steps := range map[string][]step{
		"as fast as it has to be":          {{30 * leastRate, 30 * s, true}, {30 * leastRate, 30 * s, true}},
		"slow, but not for long":           {{1, 59 * s, true}, {60 * leastRate, s, true}},
		"a byte now and then":              {{1, 20 * s, true}, {1, 20 * s, true}, {1, 20 * s, false}},
		"fast, and then slow":              {{1 << 30, 60 * s, true}, {1, 30 * s, true}, {1, 30 * s, false}},
		"what takes no time of the source": {{1, 0, true}, {1, 0, true}},
	} {
		p := pace{over: rateOver}
		for i, step := range steps {
			if got := p.keeps(step.got, step.took); got != step.want {
				t.Errorf("%s: step %d is %t", name, i, got)
			}
		}
	}
}
