package main

import (
	"os"
	"testing"

	"github.com/respin-dev/respin/hack/cluster/internal/clone"
)

func checkout(t *testing.T) clone.Clone {
	t.Helper()
	c := clone.At(t.TempDir())
	if err := os.MkdirAll(c.Data(), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAProcessIsKnownAgain(t *testing.T) {
	c := checkout(t)
	if err := writeIdentity(c, os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if id, alive := readIdentity(c); !alive || id.pid != os.Getpid() {
		t.Errorf("got %v, %v", id, alive)
	}
}

func TestALaterProcessOfTheSameNumberIsNotOurs(t *testing.T) {
	_, started, err := processState(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if (identity{os.Getpid(), started + "0"}).runs() {
		t.Error("taken for the node")
	}
}

func TestNothingRunsWhereNothingIsRecorded(t *testing.T) {
	if id, alive := readIdentity(checkout(t)); alive {
		t.Errorf("got %v", id)
	}
}
