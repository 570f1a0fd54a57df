package patchrun

import (
	"context"
	"errors"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/plan"
)

const (
	// buildTimeout ends a build that hangs, so that it does not keep its slot.
	buildTimeout = time.Hour
	// progressInterval is how often a run's status tells of a build's progress at most.
	progressInterval = 2 * time.Second
	// rebases is how many images are rebased at a time.
	rebases = 8
)

// Job is an image to make for one attempt of a run.
type Job struct {
	Run     string
	Attempt int32
	Request builder.Request
	// Rebase says that it is made by its manifests alone.
	Rebase bool
	// Builder makes the image, and Registry is where it is looked for first.
	Builder  builder.Builder
	Registry Registry
}

func (j Job) same(other Job) bool { return j.Run == other.Run && j.Attempt == other.Attempt }

// State is how far a job is.
type State struct {
	// Started is false while the job waits for a slot.
	Started  bool
	Progress builder.Progress
	// Done and Digest tell of an image that is in the registry; Adopted, that it was there before the job began.
	Done    bool
	Adopted bool
	Digest  string
	// Err is how the job failed; RetryAfter, in how long it is begun again if it is called for, 0 for never.
	Err        error
	RetryAfter time.Duration
}

// Builds does the builds of runs beside Reconcile, a bounded number at a time. It holds nothing that matters: a job
// that is lost with the process is begun again, and finds what it had pushed.
type Builds struct {
	ctx context.Context
	now func() time.Time
	// slots are for builds, and places for rebases, which take no builder and no time: they do not wait for builds.
	slots, places chan struct{}
	// Changed tells of runs whose job has changed.
	Changed chan event.TypedGenericEvent[*respinv1alpha1.PatchRun]

	mu   sync.Mutex
	jobs map[types.NamespacedName]*entry
}

type entry struct {
	job     Job
	cancel  context.CancelFunc
	state   State
	begun   time.Time
	retryAt time.Time
}

// NewBuilds returns a Builds whose jobs end with ctx, and of which at most slots run at a time.
func NewBuilds(ctx context.Context, now func() time.Time, slots int) *Builds {
	return &Builds{
		ctx: ctx, now: now,
		slots:   make(chan struct{}, slots),
		places:  make(chan struct{}, rebases),
		Changed: make(chan event.TypedGenericEvent[*respinv1alpha1.PatchRun], 64),
		jobs:    map[types.NamespacedName]*entry{},
	}
}

// Ensure begins a job unless it was begun already, and tells how far it is. A job that failed for a reason that may
// pass is begun again when its time has come.
func (b *Builds) Ensure(key types.NamespacedName, job Job) State {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, ok := b.jobs[key]
	if ok && known.job.same(job) && !known.due(b.now()) {
		return known.snapshot(b.now())
	}
	begun := b.now()
	if ok {
		known.cancel()
		if known.job.same(job) {
			begun = known.begun
		}
	}
	ctx, cancel := context.WithCancel(b.ctx)
	fresh := &entry{job: job, cancel: cancel, begun: begun}
	b.jobs[key] = fresh
	go b.work(ctx, key, fresh)
	return fresh.snapshot(b.now())
}

// Cancel ends and forgets a run's job, if there is one.
func (b *Builds) Cancel(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.jobs[key]; ok {
		known.cancel()
		delete(b.jobs, key)
	}
}

// due tells whether a job that failed is to be begun again.
func (e *entry) due(now time.Time) bool {
	return !e.retryAt.IsZero() && !now.Before(e.retryAt)
}

func (e *entry) snapshot(now time.Time) State {
	state := e.state
	if !e.retryAt.IsZero() {
		state.RetryAfter = max(e.retryAt.Sub(now), time.Millisecond)
	}
	return state
}

func (b *Builds) work(ctx context.Context, key types.NamespacedName, e *entry) {
	defer e.cancel()
	slots := b.slots
	if e.job.Rebase {
		slots = b.places
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return
	}
	b.update(e, func(state *State) { state.Started = true })
	b.tell(ctx, key)
	stop := b.tellRegularly(ctx, key)
	digest, adopted, err := b.obtain(ctx, e)
	stop()
	if ctx.Err() != nil {
		return // cancelled: nobody asks for this job any more
	}
	b.finish(e, digest, adopted, err)
	b.tell(ctx, key)
}

// obtain finds the image that an earlier start of the same run pushed, or builds it.
func (b *Builds) obtain(ctx context.Context, e *entry) (digest string, adopted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	if digest, adopted, err = adopt(ctx, e.job.Registry, e.job.Request); err != nil || adopted {
		return digest, adopted, err
	}
	result, err := e.job.Builder.Build(ctx, e.job.Request, func(progress builder.Progress) {
		b.update(e, func(state *State) { state.Progress = progress })
	})
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return result.Digest, false, err
}

func (b *Builds) finish(e *entry, digest string, adopted bool, err error) {
	b.update(e, func(state *State) {
		state.Done, state.Digest, state.Adopted, state.Err = err == nil, digest, adopted, err
		if temporary(err) {
			e.retryAt = b.now().Add(plan.Backoff(b.now().Sub(e.begun)))
		}
	})
}

func (b *Builds) update(e *entry, change func(*State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&e.state)
}

// tellRegularly tells of a job's run at an interval, until stop is called.
func (b *Builds) tellRegularly(ctx context.Context, key types.NamespacedName) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(progressInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				b.tell(ctx, key)
			case <-ctx.Done():
				return
			}
		}
	}()
	return cancel
}

func (b *Builds) tell(ctx context.Context, key types.NamespacedName) {
	run := &respinv1alpha1.PatchRun{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	select {
	case b.Changed <- event.TypedGenericEvent[*respinv1alpha1.PatchRun]{Object: run}:
	case <-ctx.Done():
	}
}

// temporary tells whether an error may pass by itself.
func temporary(err error) bool {
	var failed *builder.FailedError
	var push *builder.PushError
	var gitContext *builder.ContextError
	switch {
	case errors.Is(err, builder.ErrUnavailable):
		return true
	case errors.As(err, &failed):
		return failed.Temporary
	case errors.As(err, &push):
		return push.Temporary
	case errors.As(err, &gitContext):
		return gitContext.Temporary
	}
	return temporaryRegistry(err)
}
