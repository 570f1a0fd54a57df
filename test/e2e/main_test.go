//go:build e2e

package e2e

import (
	"flag"
	"os"
	"testing"
)

// together is how many tests go on at a time: they wait more than they work.
const together = "12"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", together); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
