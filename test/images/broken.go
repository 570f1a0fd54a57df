package images

import (
	"fmt"
	"time"
)

// MoveToUnready has the tag point at a base on which apps start, say its version, and are never ready.
func (b *Base) MoveToUnready(version string) string {
	b.shelf.t.Helper()
	return b.push(bringing(version, working, "#!/bin/sh\nexit 1\n"))
}

// MoveToEndingLater has the tag point at a base on which apps are ready once they have warmed up, and end with words a
// while after that.
func (b *Base) MoveToEndingLater(version string, warmUp, later time.Duration, words string) string {
	b.shelf.t.Helper()
	start := fmt.Sprintf("#!/bin/sh\ncat /version\ntrap 'exit 0' TERM\nsleep %d & wait\ntouch /tmp/ready\nsleep %d & wait\necho %s >&2\nexit 3\n",
		int(warmUp.Seconds()), int(later.Seconds()), words)
	return b.push(bringing(version, start, "#!/bin/sh\ntest -f /tmp/ready\n"))
}
