//go:build integration

package buildkit_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

func TestSaysWhereABuildFailed(t *testing.T) {
	moved := moveBase(t)
	for name, c := range map[string]struct{ dockerfile, step, says string }{
		"a command":                {"FROM {tag}\nRUN echo one && exit 3", "[2/2] RUN echo one && exit 3", "exit code: 3"},
		"a file that is not there": {"FROM {tag}\nCOPY missing /", "[2/2] COPY missing /", "not found"},
		"an instruction":           {"FROM {tag}\nRAN true", "", "unknown instruction: RAN"},
		"another image":            {"FROM {tag}\nCOPY --from={tag}-none /version /", "load metadata for", "not found"},
		"an insecure command":      {"FROM {tag}\nRUN --security=insecure true", "", "security.insecure is not allowed"},
		"the host's network":       {"FROM {tag}\nRUN --network=host true", "", "network.host is not allowed"},
		"a secret":                 {"FROM {tag}\nRUN --mount=type=secret,id=s,required true", "RUN --mount", "secret s: not found"},
		"an SSH agent":             {"FROM {tag}\nRUN --mount=type=ssh,required true", "RUN --mount", "SSH"},
	} {
		t.Run(name, func(t *testing.T) {
			req := onBase(strings.ReplaceAll(c.dockerfile, "{tag}", moved.reference)+"\n", moved, output(t))
			failed := wantFailed(t, req)
			if !contains(failed.Step, c.step) || !contains(failed.Reason, c.says) || failed.Temporary {
				t.Errorf("got %+v, want step %q to say %q", failed, c.step, c.says)
			}
			wantNothingPushed(t, req.Output)
		})
	}
}

func TestSaysThatATargetIsMissing(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+"\n", moved, output(t))
	req.Target = "nowhere"
	if failed := wantFailed(t, req); !contains(failed.Reason, "nowhere") {
		t.Errorf("got %+v", failed)
	}
}

func TestSaysThatTheBaseVanished(t *testing.T) {
	moved := moveBase(t)
	moved.to = "sha256:" + strings.Repeat("a", 64)
	failed := wantFailed(t, onBase("FROM "+moved.reference+"\n", moved, output(t)))
	if !contains(failed.Error(), moved.reference) || !contains(failed.Reason, "not found") || failed.Temporary {
		t.Errorf("got %+v", failed)
	}
}

func TestARegistryThatDoesNotAnswerMayAnswerLater(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+"\nCOPY --from=127.0.0.1:1/some/image:1 / /\n", moved, output(t))
	if failed := wantFailed(t, req); !failed.Temporary {
		t.Errorf("got %+v", failed)
	}
}

func TestKeepsTheLastLinesOfAFailedStep(t *testing.T) {
	moved := moveBase(t)
	command := `seq 1 5000 && printf '\033[31mred\033[0m\a\n' && exit 1`
	failed := wantFailed(t, onBase("FROM "+moved.reference+"\nRUN "+command+"\n", moved, output(t)))
	if len(failed.Log) != 20 || failed.Log[0] != "4982" || failed.Log[19] != "red" {
		t.Errorf("got %q", failed.Log)
	}
}

func TestSaysThatAPushWasRefused(t *testing.T) {
	moved, b := moveBase(t), builderOn(t, ownDaemon(t))
	for name, c := range map[string]struct {
		status    int
		temporary bool
	}{
		"forbidden":   {http.StatusForbidden, false},
		"no right":    {http.StatusUnauthorized, false},
		"read only":   {http.StatusMethodNotAllowed, false},
		"overwhelmed": {http.StatusServiceUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := serveAt(t, "127.0.0.1", refusing(c.status))
			req := onBase("FROM "+moved.reference+"\n", moved, strings.TrimPrefix(server.URL, "http://")+"/some/image:1")
			_, err := b.Build(t.Context(), req, nil)
			t.Log(err)
			var refused *builder.PushError
			if !errors.As(err, &refused) || refused.Output != req.Output || refused.Temporary != c.temporary {
				t.Errorf("got %v (%+v)", err, refused)
			}
		})
	}
}

// refusing is a registry that holds nothing and takes nothing.
func refusing(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v2/":
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(status)
		}
	})
}

func wantFailed(t *testing.T, req builder.Request) *builder.FailedError {
	t.Helper()
	_, err := newBuilder(t).Build(t.Context(), req, nil)
	t.Log(err)
	var failed *builder.FailedError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want a failed build", err)
	}
	return failed
}
