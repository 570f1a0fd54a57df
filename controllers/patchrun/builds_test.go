package patchrun

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// shelf is a registry of which a test says what is in it.
type shelf struct {
	digest string
	image  image.Image
	err    error
}

func (s *shelf) Find(context.Context, image.Reference) (string, bool, error) {
	return s.digest, s.digest != "" && s.err == nil, s.err
}

func (s *shelf) Layers(context.Context, []safety.Layer) (safety.Facts, error) {
	return safety.Facts{}, nil
}

func (s *shelf) Inspect(context.Context, image.Reference, []image.Platform) (image.Image, error) {
	return s.image, nil
}

// workshop builds for as long as a test says, with the errors that it says, one after another.
type workshop struct {
	mu     sync.Mutex
	takes  time.Duration
	errors []error
	begun  int
	atOnce int
	most   int
}

func (w *workshop) Pin(_ context.Context, context string) (string, error) { return context, nil }

func (w *workshop) Build(ctx context.Context, _ builder.Request, report func(builder.Progress)) (builder.Result, error) {
	at := w.begin()
	defer w.end()
	report(builder.Progress{Step: 1, Steps: 2, Current: "[1/2] FROM debian"})
	select {
	case <-time.After(w.takes):
	case <-ctx.Done():
		return builder.Result{}, fmt.Errorf("interrupted: %w", ctx.Err())
	}
	if len(w.errors) >= at {
		return builder.Result{}, w.errors[at-1]
	}
	return builder.Result{Digest: "sha256:built"}, nil
}

func (w *workshop) begin() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun++
	w.atOnce++
	w.most = max(w.most, w.atOnce)
	return w.begun
}

func (w *workshop) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.atOnce--
}

func run(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "shop", Name: name}
}

// jobs are the attempts of one run.
func jobs(w *workshop, s *shelf) func(attempt int32) Job {
	return func(attempt int32) Job {
		return Job{Run: "uid-1", Attempt: attempt, Builder: w, Registry: s, Request: builder.Request{
			Output: "registry.example.com/api:1", Annotations: map[string]string{"made": "for this run"},
		}}
	}
}

// told are the runs that Builds tells of, without waiting.
func told(b *Builds) (names []string) {
	for {
		select {
		case event := <-b.Changed:
			names = append(names, event.Object.Name)
		default:
			return names
		}
	}
}

// listen hears of changes, as the controller does: without it jobs come to wait for someone who does.
func listen(b *Builds) {
	for {
		select {
		case <-b.Changed:
		case <-b.ctx.Done():
			return
		}
	}
}

// bench has a test work with Builds in time that passes as it is waited for.
func bench(t *testing.T, w *workshop, s *shelf, slots int, test func(t *testing.T, b *Builds, job func(int32) Job)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		test(t, NewBuilds(ctx, time.Now, slots), jobs(w, s))
		cancel()
		synctest.Wait()
	})
}

func TestABuildIsBegunOnceAndToldOf(t *testing.T) {
	w := &workshop{takes: 5 * time.Second}
	bench(t, w, &shelf{}, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
		b.Ensure(run("a"), job(1))
		synctest.Wait()
		state := b.Ensure(run("a"), job(1))
		if !state.Started || state.Done || state.Progress.Current != "[1/2] FROM debian" {
			t.Errorf("while it is built, its state is %+v", state)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		state = b.Ensure(run("a"), job(1))
		if !state.Done || state.Digest != "sha256:built" || state.Adopted || w.begun != 1 {
			t.Errorf("after %d builds its state is %+v", w.begun, state)
		}
		if events := told(b); len(events) != 4 { // begun, at two and four seconds, ended
			t.Errorf("it was told of as %v", events)
		}
	})
}

func TestWhatAnEarlierStartPushedIsTaken(t *testing.T) {
	mine := map[string]string{"made": "for this run", "and": "more"}
	index := image.Image{Children: []image.Child{{Annotations: mine}, {Annotations: mine}}}
	half := image.Image{Children: []image.Child{{Annotations: mine}, {}}}
	denied := &registry.Error{Kind: registry.Denied}
	for sentence, test := range map[string]struct {
		shelf   shelf
		adopted bool
	}{
		"nothing is there":                              {shelf{}, false},
		"an image with the run's annotations":           {shelf{digest: "sha256:there", image: image.Image{Annotations: mine}}, true},
		"one of which every platform has them":          {shelf{digest: "sha256:there", image: index}, true},
		"one of which not every platform has them":      {shelf{digest: "sha256:there", image: half}, false},
		"one without":                                   {shelf{digest: "sha256:there"}, false},
		"a repository that may not be read, or is none": {shelf{err: denied}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := &workshop{}
			bench(t, w, &test.shelf, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
				b.Ensure(run("a"), job(1))
				synctest.Wait()
				if state := b.Ensure(run("a"), job(1)); !state.Done || state.Adopted != test.adopted || (w.begun == 0) != test.adopted {
					t.Errorf("after %d builds its state is %+v", w.begun, state)
				}
			})
		})
	}
}

func TestAFailureThatMayPassIsTriedAgainWhenItsTimeHasCome(t *testing.T) {
	w := &workshop{errors: []error{builder.ErrUnavailable, builder.ErrUnavailable}}
	bench(t, w, &shelf{}, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
		for attempt := 1; attempt <= 2; attempt++ {
			b.Ensure(run("a"), job(1))
			synctest.Wait()
			state := b.Ensure(run("a"), job(1))
			if state.Err == nil || state.RetryAfter != 5*time.Second || w.begun != attempt {
				t.Fatalf("after %d builds its state is %+v", w.begun, state)
			}
			time.Sleep(state.RetryAfter)
		}
		b.Ensure(run("a"), job(1))
		synctest.Wait()
		if state := b.Ensure(run("a"), job(1)); !state.Done || w.begun != 3 {
			t.Errorf("after %d builds its state is %+v", w.begun, state)
		}
	})
}

func TestAFailureThatStaysIsNotTriedAgainUntilTheNextAttempt(t *testing.T) {
	w := &workshop{errors: []error{&builder.FailedError{Reason: "exit code 1"}}}
	bench(t, w, &shelf{}, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
		b.Ensure(run("a"), job(1))
		time.Sleep(24 * time.Hour)
		if state := b.Ensure(run("a"), job(1)); state.Err == nil || state.RetryAfter != 0 || w.begun != 1 {
			t.Errorf("after %d builds its state is %+v", w.begun, state)
		}
		b.Ensure(run("a"), job(2))
		synctest.Wait()
		if state := b.Ensure(run("a"), job(2)); !state.Done || w.begun != 2 {
			t.Errorf("after %d builds its state is %+v", w.begun, state)
		}
	})
}

func TestNoMoreIsBuiltAtATimeThanThereAreSlots(t *testing.T) {
	w := &workshop{takes: time.Minute}
	bench(t, w, &shelf{}, 2, func(t *testing.T, b *Builds, job func(int32) Job) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			b.Ensure(run(name), job(1))
		}
		go listen(b)
		time.Sleep(3*time.Minute + time.Second)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			if !b.Ensure(run(name), job(1)).Done {
				t.Errorf("%s is not done", name)
			}
		}
	})
	if w.most != 2 || w.begun != 5 {
		t.Errorf("%d were built, %d at a time", w.begun, w.most)
	}
}

func TestACancelledBuildEndsAndGivesItsSlotBack(t *testing.T) {
	w := &workshop{takes: time.Hour / 2}
	bench(t, w, &shelf{}, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
		b.Ensure(run("a"), job(1))
		synctest.Wait()
		b.Ensure(run("waiting"), job(1))
		b.Cancel(run("waiting"))
		synctest.Wait()
		b.Cancel(run("a"))
		b.Cancel(run("nobody"))
		b.Ensure(run("next"), job(1))
		synctest.Wait()
		if !b.Ensure(run("next"), job(1)).Started || w.atOnce != 1 || w.begun != 2 {
			t.Errorf("%d were begun, and %d are built", w.begun, w.atOnce)
		}
	})
}

func TestABuildThatHangsIsEnded(t *testing.T) {
	w := &workshop{takes: 24 * time.Hour}
	bench(t, w, &shelf{}, 1, func(t *testing.T, b *Builds, job func(int32) Job) {
		go listen(b)
		b.Ensure(run("a"), job(1))
		time.Sleep(buildTimeout + time.Second)
		state := b.Ensure(run("a"), job(1))
		if !errors.Is(state.Err, context.DeadlineExceeded) || state.RetryAfter != 0 {
			t.Errorf("its state is %+v", state)
		}
	})
}
