package buildkit

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/sourcepolicy"
	spb "github.com/moby/buildkit/sourcepolicy/pb"

	"github.com/respin-dev/respin/internal/builder"
)

var (
	digestOld = "sha256:" + strings.Repeat("1", 64)
	digestNew = "sha256:" + strings.Repeat("2", 64)
	digestAny = "sha256:" + strings.Repeat("3", 64)
)

// BuildKit's own engine judges the rules.
func TestPolicyPinsTheBaseAndNothingElse(t *testing.T) {
	const debian = "docker.io/library/debian"
	pinned := debian + ":12@" + digestNew
	for name, want := range map[string]string{
		debian + ":12":                   pinned,
		debian + ":12@" + digestOld:      pinned,
		debian + ":12@" + digestAny:      pinned,
		debian + "@" + digestOld:         pinned,
		pinned:                           pinned,
		debian + "@" + digestAny:         debian + "@" + digestAny,
		debian + ":12-slim":              debian + ":12-slim",
		debian + ":12-slim@" + digestOld: debian + ":12-slim@" + digestOld,
		debian + ":12.5@" + digestOld:    debian + ":12.5@" + digestOld,
		debian + ":1":                    debian + ":1",
		debian + "-slim:12":              debian + "-slim:12",
		"other.io/library/debian:12":     "other.io/library/debian:12",
		"a/docker.io/library/debian:12":  "a/docker.io/library/debian:12",
	} {
		b, err := parseBase(builder.Base{Reference: "debian:12", From: []string{digestOld}, To: digestNew})
		if err != nil {
			t.Fatal(err)
		}
		op := &pb.SourceOp{Identifier: "docker-image://" + name}
		_, err = sourcepolicy.NewEngine([]*spb.Policy{b.pin()}).Evaluate(t.Context(), op)
		if err != nil || op.Identifier != "docker-image://"+want {
			t.Errorf("%s became %s (%v), want %s", name, op.Identifier, err, want)
		}
	}
}

func TestRefusesABaseThatIsNotPinnedWhole(t *testing.T) {
	for name, b := range map[string]builder.Base{
		"no reference":       {To: digestNew},
		"not a reference":    {Reference: "Debian:12", To: digestNew},
		"a digest within":    {Reference: "debian:12@" + digestOld, To: digestNew},
		"no digest":          {Reference: "debian:12"},
		"a digest cut short": {Reference: "debian:12", To: "sha256:12"},
	} {
		if _, err := parseBase(b); !isRequestError(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
