package builder

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnavailable is in the chain of errors that come from a builder which cannot be reached, or which went away
	// in the middle of the work. The same request may succeed later.
	ErrUnavailable = errors.New("the builder is unavailable")

	// ErrBaseNotUsed is what every *BaseNotUsedError is.
	ErrBaseNotUsed = errors.New("the image does not stand on the base")
)

// RequestError is a request that no builder would take. Trying again does not help.
type RequestError struct {
	// Field of Request that is wrong.
	Field string
	// Reason says what is wrong with it, and what to write instead.
	Reason string
}

func (e *RequestError) Error() string { return e.Field + ": " + e.Reason }

// ContextError is a build context that cannot be used.
type ContextError struct {
	// Context as it was given, without credentials.
	Context string
	// Reason says what is wrong with it, and what to write instead.
	Reason string
	// Temporary is true when the repository did not answer: the same context may work later. It is false when it
	// answered that it, or the revision, does not exist, or when the context is not one that is taken.
	Temporary bool
}

func (e *ContextError) Error() string {
	return fmt.Sprintf("build context %q: %s", e.Context, e.Reason)
}

// FailedError is a build that failed by its own doing. Unless Temporary, the same request fails again.
type FailedError struct {
	// Step is the name of the step that failed, as in "[2/4] RUN make"; empty if none had begun.
	Step string
	// Reason is the builder's own words.
	Reason string
	// Log holds the last lines that the failed step wrote: at most 20 lines and 2 KiB of printable text.
	Log []string
	// Temporary is true when the step could not read an image, or the like, because a server failed or did not
	// answer: the same request may succeed later. It is never true of a command that failed.
	Temporary bool
}

func (e *FailedError) Error() string {
	if e.Step == "" {
		return "the build failed: " + e.Reason
	}
	return fmt.Sprintf("the build failed at %s: %s", e.Step, e.Reason)
}

// PushError is a registry that did not take the image.
type PushError struct {
	// Output that was to be pushed to.
	Output string
	// Reason is the registry's own words.
	Reason string
	// Temporary is true when the registry failed or did not answer: the same request may succeed later. It is false
	// when the registry refused: the same request fails again until a person changes something.
	Temporary bool
}

func (e *PushError) Error() string { return fmt.Sprintf("pushing to %s: %s", e.Output, e.Reason) }

// BaseNotUsedError is a build whose final stage does not stand on the base. Nothing was pushed.
type BaseNotUsedError struct {
	// Base is the reference that was to be used.
	Base string
	// Found is the image that the final stage stands on, "scratch", or empty if it is not known.
	Found string
	// Platform that it was seen on; empty if the image has one only.
	Platform string
}

func (e *BaseNotUsedError) Error() string {
	found := e.Found
	if found == "" {
		found = "another image"
	}
	on := ""
	if e.Platform != "" {
		on = " on " + e.Platform
	}
	return fmt.Sprintf("the final stage stands on %s%s, not on %s: write FROM %s there, or declare the image it does "+
		"stand on as the base", found, on, e.Base, e.Base)
}

// Is makes errors.Is(err, ErrBaseNotUsed) true.
func (e *BaseNotUsedError) Is(target error) bool { return target == ErrBaseNotUsed }

// RefusedError is a rebase that would not give what a build on the new base gives, or that cannot be done at all.
// Nothing was pushed. The same request is refused again.
type RefusedError struct {
	// Reasons are all that speaks against it, a sentence each: what was found, where, and what to do instead.
	Reasons []string
}

func (e *RefusedError) Error() string {
	return "the rebase is refused: " + strings.Join(e.Reasons, "; ")
}
