package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// Bounds on how long one stream may take in all, besides that it must not stand still for the client's timeout.
const (
	longestReading = 10 * time.Minute
	longestCopying = 30 * time.Minute
)

// All are told of as a registry that did not answer in time.
var (
	errNothingCame  = fmt.Errorf("the stream gave nothing for too long: %w", context.DeadlineExceeded)
	errNothingTaken = fmt.Errorf("nothing was taken from the stream for too long: %w", context.DeadlineExceeded)
	errTooLong      = fmt.Errorf("the stream took too long: %w", context.DeadlineExceeded)
)

// patience ends the context of a stream that stands still, or whose source is too slow. One that moves may take longer
// than any single answer.
type patience struct {
	ctx     context.Context
	end     context.CancelCauseFunc
	bound   context.CancelFunc
	timer   *time.Timer
	still   time.Duration
	reading atomic.Bool // whether the source is waited for
	pace    pace
	ours    bool // whether we take the bytes ourselves, and in whatever time that takes
}

func newPatience(ctx context.Context, still, longest time.Duration) *patience {
	p := &patience{still: still, pace: pace{over: rateOver}}
	ctx, p.bound = context.WithTimeoutCause(ctx, longest, errTooLong)
	p.ctx, p.end = context.WithCancelCause(ctx)
	p.timer = time.AfterFunc(still, p.lost)
	return p
}

func (p *patience) lost() {
	if p.reading.Load() {
		p.end(errNothingCame)
	} else {
		p.end(errNothingTaken)
	}
}

// over ends the watch over a stream from one repository to another, or to us, and gives what came of it: the loss of
// patience where that is what ended it, and else what the stream itself failed with.
func (p *patience) over(from, to image.Reference, err error) error {
	defer p.bound()
	defer p.end(nil)
	p.timer.Stop()
	cause := context.Cause(p.ctx)
	var known *Error
	switch {
	case err == nil:
		return nil
	case errors.Is(cause, errNothingCame), errors.Is(cause, errTooSlow):
		return failure(from, cause)
	case cause != nil:
		return failure(to, cause)
	case errors.As(err, &known):
		// Without what net/http says around what it was given to send.
		return known
	}
	return err
}

// of is the same stream, watched.
func (p *patience) of(stream io.Reader) io.Reader { return &watched{stream: stream, by: p} }

type watched struct {
	stream io.Reader
	by     *patience
}

// Read is io.Reader's.
func (w *watched) Read(b []byte) (int, error) {
	p := w.by
	if p.ours {
		p.timer.Reset(p.still)
	}
	p.reading.Store(true)
	asked := time.Now()
	n, err := w.stream.Read(b)
	p.reading.Store(false)
	if !p.pace.keeps(n, time.Since(asked)) && err == nil {
		p.end(errTooSlow)
		err = errTooSlow
	}
	switch {
	case p.ours:
		p.timer.Stop()
	case n > 0:
		p.timer.Reset(p.still)
	}
	return n, err
}
