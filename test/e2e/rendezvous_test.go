//go:build e2e

package e2e

import (
	"sync"
	"testing"
)

// rendezvous is where parallel tests wait for each other before something happens to all of them.
type rendezvous struct {
	expected sync.WaitGroup
	once     sync.Once
}

// expects has the others wait until a test meets them, or ends. It is called before t.Parallel, so that all are expected
// before the first of them comes. The first that finds them all there does what there is to do.
func (r *rendezvous) expects(t *testing.T) (meet func(do func())) {
	t.Helper()
	r.expected.Add(1)
	came := sync.OnceFunc(r.expected.Done)
	t.Cleanup(came)
	return func(do func()) {
		came()
		r.expected.Wait()
		r.once.Do(do)
	}
}
