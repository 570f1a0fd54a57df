package registry

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// defaultPause is for a registry that says 429 without saying for how long.
	defaultPause = time.Minute
	// longestPause bounds what a registry may ask for, since some send a date where seconds belong.
	longestPause = time.Hour
)

// pauses remembers which hosts asked to be left alone, and until when. Hosts and not references: a limit is a host's.
type pauses struct {
	mu    sync.Mutex // of heeding
	now   func() time.Time
	until *memory[time.Time]
}

// pauseError says that a host was not asked, because it does not want to be yet.
type pauseError struct {
	until time.Time
}

func (e *pauseError) Error() string {
	return fmt.Sprintf("asked to be left alone until %s", e.until.UTC().Format(time.RFC3339))
}

func (p *pauses) check(host string) error {
	if until, ok := p.until.get(key(host)); ok && p.now().Before(until) {
		return &pauseError{until: until}
	}
	return nil
}

// heed remembers what an answer says of when to come back, and returns it as an error. Of what several answers say, the
// latest time counts: they may come in any order, and one repository may be told another time than another.
func (p *pauses) heed(host string, answer *http.Response) error {
	after := answer.Header.Get("Retry-After")
	limited := answer.StatusCode == http.StatusTooManyRequests
	if !limited && (answer.StatusCode != http.StatusServiceUnavailable || after == "") {
		return nil
	}
	until := p.now().Add(min(p.length(after), longestPause))
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.until.get(key(host)); ok && known.After(until) {
		until = known
	}
	p.until.put(key(host), until, 1)
	return &pauseError{until: until}
}

// length reads a Retry-After header: seconds, or a date. See RFC 9110, section 10.2.3.
func (p *pauses) length(after string) time.Duration {
	if seconds, err := strconv.ParseUint(after, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(after); err == nil {
		return max(date.Sub(p.now()), 0)
	}
	return defaultPause
}
