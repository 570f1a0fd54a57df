package image

import (
	"errors"
	"fmt"
)

// ErrContradictingLineage says that two pieces of evidence of an image's base cannot both be true.
var ErrContradictingLineage = errors.New("what tells of the image's base contradicts itself")

// Testimony is what one piece of evidence says of a platform's image.
type Testimony struct {
	Platform Platform
	Evidence Evidence
	// Says is a clause for a person to read, whose subject is the evidence, as in "name debian:12".
	Says string
}

// String is the testimony as a clause: "for linux/amd64 the image's annotations name debian:12".
func (t Testimony) String() string {
	return fmt.Sprintf("for %s %s %s", t.Platform, t.Evidence.subject(), t.Says)
}

// ContradictingLineageError is an ErrContradictingLineage with what says what.
type ContradictingLineageError struct {
	One, Other Testimony
}

// Error says what contradicts what, and what to declare.
func (e *ContradictingLineageError) Error() string {
	return fmt.Sprintf("%v: %s, and %s; %s", ErrContradictingLineage, e.One, e.Other, whatToDeclare)
}

// Unwrap is ErrContradictingLineage.
func (e *ContradictingLineageError) Unwrap() error { return ErrContradictingLineage }
