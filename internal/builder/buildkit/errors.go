package buildkit

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/grpcerrors"
	"github.com/opencontainers/go-digest"
	"google.golang.org/grpc/codes"

	"github.com/respin-dev/respin/internal/builder"
)

// outage is what registries, Git servers and their clients say when a server failed or did not answer. A host name
// that does not exist is not among it: that is a mistake more often than an outage.
var outage = regexp.MustCompile(`(?i)connection (refused|reset|timed out)|i/o timeout|handshake timeout|` +
	`server misbehaving|network is unreachable|no route to host|deadline exceeded|unexpected EOF|: EOF$|` +
	`429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway`)

// pushFailed precedes the image's name in what the exporter says.
const pushFailed = "failed to push "

// preambles are BuildKit's words for where in BuildKit an error was seen.
var preambles = regexp.MustCompile(`failed to (solve|run Build function|load LLB|compute cache key|` +
	`calculate checksum of ref \S+|resolve source metadata for \S+|list workers): |listing workers for Build: |` +
	`rpc error: code = \w+ desc = |Unavailable: |connection error: desc = `)

// queries are the ends of URLs: what tokens are asked for with, and the signatures of blobs that are stored elsewhere.
var queries = regexp.MustCompile(`(https?://[^\s"'?]*)\?[^\s"']*?(:?(?:[\s"']|$))`)

// commandFailed is what BuildKit says of a RUN whose command failed; all else in that text is the author's.
const commandFailed = "did not complete successfully"

// lost is what a daemon says of a build whose client it lost, or which it ended because it shuts down.
var lost = regexp.MustCompile(`no active session|session healthcheck failed|no such job|closing transport|` +
	`graceful_stop|server is stopping`)

// classify says whose fault a failed build is.
func (s *solve) classify(ctx context.Context, err error, watched *watch) error {
	if known := settled(ctx, err); known != nil {
		return known
	}
	failed := watched.failed(vertexOf(err))
	text := readable(s.login.hide(err.Error()))
	switch {
	case failed.name == "" && lost.MatchString(text):
		return unavailable(err)
	case failed.name == exportStep && strings.Contains(text, pushFailed):
		_, text, _ = strings.Cut(text, pushFailed)
		_, text, _ = strings.Cut(text, ": ")
		return &builder.PushError{Output: s.request.Output, Reason: text, Temporary: outage.MatchString(text)}
	case failed.internal() && strings.Contains(failed.name, "load git source"):
		return gitError(s.request.Context, text)
	}
	return &builder.FailedError{
		Step:      failed.name,
		Reason:    text,
		Log:       failed.wrote.lines(),
		Temporary: outage.MatchString(text) && !strings.Contains(text, commandFailed),
	}
}

func classifyPin(ctx context.Context, git gitContext, err error) error {
	if known := settled(ctx, err); known != nil {
		return known
	}
	if text := reason(err); !lost.MatchString(text) {
		return gitError(git.String(), text)
	}
	return unavailable(err)
}

// settled returns the error of a context that ended, errors that were typed where they arose, and those of a
// connection. A daemon that shuts down cancels its builds.
func settled(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var badContext *builder.ContextError
	if errors.Is(err, builder.ErrUnavailable) || errors.Is(err, builder.ErrBaseNotUsed) || errors.As(err, &badContext) {
		return err
	}
	if code := grpcerrors.Code(err); code == codes.Unavailable || code == codes.Canceled {
		return unavailable(err)
	}
	return nil
}

func unavailable(err error) error {
	return fmt.Errorf("%w: %s", builder.ErrUnavailable, reason(err))
}

// vertexOf returns the digest of the step that an error came from, or nothing.
func vertexOf(err error) digest.Digest {
	var at *errdefs.VertexError
	if errors.As(err, &at) {
		return digest.Digest(at.Digest)
	}
	return ""
}

func reason(err error) string { return readable(err.Error()) }

// readable is an error's text without what only BuildKit's authors could use, and without what nobody is to read.
func readable(text string) string {
	text = preambles.ReplaceAllString(text, "")
	return printable(queries.ReplaceAllString(text, "$1$2"), maxReason)
}
