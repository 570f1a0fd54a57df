package plan

import "time"

const (
	minBackoff = 5 * time.Second
	maxBackoff = 5 * time.Minute
)

// Backoff is how long to wait before trying again what has been failing for some time: half as long again as it has
// lasted, so that attempts grow apart, without a counter that would have to be kept.
func Backoff(failing time.Duration) time.Duration {
	return min(max(failing/2, minBackoff), maxBackoff)
}
