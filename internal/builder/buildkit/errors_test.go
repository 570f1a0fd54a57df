package buildkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/respin-dev/respin/internal/builder"
)

// failedAt is a watch that saw one step fail.
func failedAt(name, text string) *watch {
	w := newWatch(nil)
	v := vertex(name, true)
	v.Error = text
	w.saw(v)
	return w
}

func classified(t *testing.T, step, text string) error {
	t.Helper()
	s := &solve{
		request: builder.Request{Output: "r.example.com/app:1", Context: "https://git.example.com/x.git#" + commit},
		login:   &login{},
	}
	w := newWatch(nil)
	if step != "" {
		w = failedAt(step, text)
	}
	return s.classify(t.Context(), errors.New("failed to solve: "+text), w)
}

func TestAPushIsRefusedOrMaySucceedLater(t *testing.T) {
	for text, temporary := range map[string]bool{
		"unexpected status from POST request to http://r/v2/: 403 Forbidden":                       false,
		"push access denied, repository does not exist or may require authorization":               false,
		"unexpected status from PUT request to http://r/v2/: 503 Service Unavailable":              true,
		"unexpected status from HEAD request to http://r/v2/: 429 Too Many Requests":               true,
		`failed to do request: Head "https://r/v2/": dial tcp 1.2.3.4:443: i/o timeout`:            true,
		`failed to do request: Head "https://r/v2/": dial tcp: lookup r: no such host`:             false,
		`failed to do request: Head "https://r/v2/": tls: failed to verify certificate: x509: ...`: false,
	} {
		var refused *builder.PushError
		err := classified(t, exportStep, "failed to push r.example.com/app:1: "+text)
		if !errors.As(err, &refused) || refused.Reason != text || refused.Temporary != temporary {
			t.Errorf("%q: got %+v", text, err)
		}
	}
}

// What a command prints or is called must not pass for the builder's own words.
func TestACommandThatFailsIsAFailedBuildWhateverItSays(t *testing.T) {
	for _, words := range []string{"failed to push r: 403", "no active session", "connection refused", "503 Service Unavailable"} {
		text := fmt.Sprintf("process %q did not complete successfully: exit code: 1", "/bin/sh -c echo "+words)
		var failed *builder.FailedError
		err := classified(t, "[2/2] RUN echo "+words, text)
		if !errors.As(err, &failed) || failed.Temporary || failed.Step != "[2/2] RUN echo "+words {
			t.Errorf("%s: got %#v", words, err)
		}
	}
}

func TestAContextThatCannotBeFetchedIsNotAFailedBuild(t *testing.T) {
	var wrong *builder.ContextError
	err := classified(t, "[internal] load git source https://git.example.com/x.git", "repository does not contain ref")
	if !errors.As(err, &wrong) || wrong.Temporary {
		t.Errorf("got %v", err)
	}
}

func TestALostDaemonIsUnavailable(t *testing.T) {
	s := &solve{login: &login{}}
	for name, err := range map[string]error{
		"refused":     status.Error(codes.Unavailable, "connection error"),
		"cut":         fmt.Errorf("failed to solve: %w", status.Error(codes.Unavailable, "error reading from server: EOF")),
		"shut down":   status.Error(codes.Canceled, "context canceled"),
		"no session":  errors.New("failed to solve: no active session for abc: context deadline exceeded"),
		"no tls file": fmt.Errorf("%w: could not read certificate", builder.ErrUnavailable),
	} {
		if got := s.classify(t.Context(), err, newWatch(nil)); !errors.Is(got, builder.ErrUnavailable) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestTheContextsOwnErrorPassesAsItIs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &solve{login: &login{}}
	err := s.classify(ctx, status.Error(codes.Unavailable, "whatever came of it"), failedAt("[1/1] RUN x", io.EOF.Error()))
	if !errors.Is(err, context.Canceled) || errors.Is(err, builder.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestAReasonTellsNothingThatIsAskedWith(t *testing.T) {
	for text, want := range map[string]string{
		"unexpected status from GET request to https://auth.example.com/token?account=me&scope=x%3Apull: 401 Unauthorized": "unexpected status from GET request to https://auth.example.com/token: 401 Unauthorized",
		`failed to do request: Get "https://blobs.example.com/a?X-Signature=abc&x": EOF`:                                   `failed to do request: Get "https://blobs.example.com/a": EOF`,
		"GET https://blobs.example.com/a?sig=abc":                                                                          "GET https://blobs.example.com/a",
		"is this right? GET https://r/v2/: 404":                                                                            "is this right? GET https://r/v2/: 404",
	} {
		if got := reason(errors.New(text)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
