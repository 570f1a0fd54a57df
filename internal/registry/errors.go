package registry

import (
	"errors"
	"time"
)

// Kind is what went wrong, in the terms that decide what to do about it.
type Kind string

const (
	// NotFound says that the registry does not have the image. It may be pushed later.
	NotFound Kind = "NotFound"
	// Denied says that the registry does not show the image to us; some answer so where there is none.
	Denied Kind = "Denied"
	// Unreachable says that no answer was had: the network, the registry's own failure, or its limits. It may pass.
	Unreachable Kind = "Unreachable"
	// BadContent says that the answer is not an image, is not what its digest says, or is larger than any image needs.
	BadContent Kind = "BadContent"
	// ForbiddenAddress says that the registry, or what it referred to, is where the operator does not go.
	ForbiddenAddress Kind = "ForbiddenAddress"
)

// Error is what every method returns when a registry cannot be read, except where the caller's context ended.
type Error struct {
	Kind Kind
	// Reference is the image that was asked for.
	Reference string
	// Host is the registry's, as the reference has it.
	Host string
	// Message is a sentence for a person: what happened and what to do. It has no part that changes by itself from
	// one attempt to the next, RetryAfter's time apart.
	Message string
	// RetryAfter is when the registry wants to be asked again; zero where it did not say.
	RetryAfter time.Time

	cause error
}

// Error is the reference and the message.
func (e *Error) Error() string { return e.Reference + ": " + e.Message }

// Unwrap is what the network, the registry or the check said.
func (e *Error) Unwrap() error { return e.cause }

// KindOf is the kind of a registry's error, and empty for any other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// RetryAfter is when a registry wants to be asked again; zero where it did not say, or err is another error.
func RetryAfter(err error) time.Time {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return time.Time{}
}
