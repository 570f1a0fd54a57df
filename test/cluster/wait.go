package cluster

import (
	"testing"
	"time"
)

const pollInterval = 150 * time.Millisecond

// Eventually waits until nothing is missing any more: missing says what is, and is empty when all is there. The test
// fails with its last word when the time is over.
func Eventually(t testing.TB, within time.Duration, what string, missing func() string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		lack := missing()
		if lack == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %s", what, within, lack)
		}
		pause(t)
	}
}

// Throughout watches for the whole of a time that nothing goes wrong: wrong says what did, and is empty while all is
// well.
func Throughout(t testing.TB, whole time.Duration, what string, wrong func() string) {
	t.Helper()
	for end := time.Now().Add(whole); time.Now().Before(end); pause(t) {
		if fault := wrong(); fault != "" {
			t.Fatalf("%s: %s", what, fault)
		}
	}
}

// pause lets a little time pass between two looks, and ends the test's goroutine with its context.
func pause(t testing.TB) {
	t.Helper()
	select {
	case <-time.After(pollInterval):
	case <-t.Context().Done():
		t.Fatalf("given up: %v", t.Context().Err())
	}
}

// Pass lets a time pass in which nothing is to happen, where a log tells afterwards whether something did.
func Pass(t testing.TB, whole time.Duration) {
	t.Helper()
	Throughout(t, whole, "time passes", func() string { return "" })
}
