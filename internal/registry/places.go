package registry

import (
	"context"
	"slices"
	"sync"
)

// places are where layers are read: few at the same time, and one of each registry's, so that no registry that is slow
// can hold up the reading from another.
type places struct {
	mu      sync.Mutex
	busy    map[string]bool // by host
	waiting []*turn         // in the order in which they came
}

type turn struct {
	host string
	come chan struct{} // closed when it has
}

func newPlaces() *places { return &places{busy: map[string]bool{}} }

// take waits for a turn at reading from a host. Who has had it calls leave.
func (p *places) take(ctx context.Context, host string) error {
	mine := p.queue(host)
	select {
	case <-mine.come:
		return nil
	case <-ctx.Done():
		p.quit(mine)
		return errNoTurn
	}
}

func (p *places) queue(host string) *turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := &turn{host: host, come: make(chan struct{})}
	p.waiting = append(p.waiting, mine)
	p.admit()
	return mine
}

// admit gives the places that are free to those who waited longest. The caller holds the lock.
func (p *places) admit() {
	p.waiting = slices.DeleteFunc(p.waiting, func(next *turn) bool {
		if p.busy[next.host] || len(p.busy) == layersAtOnce {
			return false
		}
		p.busy[next.host] = true
		close(next.come)
		return true
	})
}

// quit gives up waiting, or the place that was given at that very moment.
func (p *places) quit(mine *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, mine); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		return
	}
	delete(p.busy, mine.host)
	p.admit()
}

func (p *places) leave(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, host)
	p.admit()
}
