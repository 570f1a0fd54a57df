package registry

import (
	"errors"
	"fmt"
	"time"
)

const (
	// leastRate is what a stream has to give, in bytes a second, and rateOver is the time that it is averaged over. One
	// that gives a byte now and then never stands still, and would keep its place for as long as a stream may last.
	leastRate = 64 << 10
	rateOver  = time.Minute
)

// What the reading of a layer ends with, beside what a registry answers.
var (
	errTooSlow = fmt.Errorf("sends fewer than %d bytes a second", leastRate)
	errNoTurn  = errors.New("its layers were not read: they waited too long for their turn, behind those of other images")
)

// pace measures how fast a source gives bytes, in the time that it is waited for.
type pace struct {
	over   time.Duration
	waited time.Duration
	got    int
}

// keeps counts bytes that took a time to come, and reports whether the source is fast enough up to now.
func (p *pace) keeps(got int, took time.Duration) bool {
	p.got, p.waited = p.got+got, p.waited+took
	if p.waited < p.over {
		return true
	}
	enough := float64(p.got) >= leastRate*p.waited.Seconds()
	p.got, p.waited = 0, 0
	return enough
}
