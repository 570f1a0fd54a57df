package builder_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

func TestABaseThatIsNotUsedSaysWhatToWrite(t *testing.T) {
	for want, err := range map[string]*builder.BaseNotUsedError{
		"stands on alpine:3, not on docker.io/library/debian:12: write FROM docker.io/library/debian:12": {Found: "alpine:3"},
		"stands on another image on linux/arm64, not on":                                                 {Platform: "linux/arm64"},
	} {
		err.Base = "docker.io/library/debian:12"
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
		if !errors.Is(fmt.Errorf("building: %w", err), builder.ErrBaseNotUsed) {
			t.Error("it is not ErrBaseNotUsed once wrapped")
		}
	}
}

func TestARefusalSaysAllThatSpeaksAgainstIt(t *testing.T) {
	err := &builder.RefusedError{Reasons: []string{"the base lost linux/s390x", "a layer is not to be distributed"}}
	if want := "the rebase is refused: the base lost linux/s390x; a layer is not to be distributed"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}
