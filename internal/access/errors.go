package access

import "errors"

// Kind is what is wrong with what a namespace gives, in the terms that decide what to do about it. None of them passes
// by itself.
type Kind string

const (
	// NotFound says that a ServiceAccount or a Secret that is named does not exist.
	NotFound Kind = "NotFound"
	// Forbidden says that the operator may not read it.
	Forbidden Kind = "Forbidden"
	// Invalid says that a Secret does not hold what it is named for.
	Invalid Kind = "Invalid"
)

// Error is what For returns of a mistake that a person has to mend. Any other error is the API server's, and passes.
type Error struct {
	Kind Kind
	// Object is what it is about, as in Secret payments/login.
	Object string
	// Message is a sentence for a person: what is wrong and what to do. Nothing that a Secret holds is in it.
	Message string
}

// Error is the object and the message.
func (e *Error) Error() string { return e.Object + ": " + e.Message }

// KindOf is the kind of a namespace's mistake, and empty for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
