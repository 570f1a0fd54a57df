// Package safety proves that a rebase gives what a rebuild on the new base would, or says why it might not. Every check
// is a function of what the layers and configs hold.
//
// What no layer tells, no check can know. A step that found nothing to do on the old base (rm -f of a file that the new
// base brings), that wrote down what it read of the base in a form of its own, or that picked files by size or date would
// be missed. So would what another stage of the build, on the same base, was built with. A rebuild has neither limit.
package safety

import (
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/layers"
)

// Check is the name of a check, as a policy's allow list spells it.
type Check string

// Case is one platform's image with the base that it was built on and the one that it is to stand on.
type Case struct {
	Platform               image.Platform
	App, OldBase, NewBase  image.Child
	AppRef, OldRef, NewRef image.Reference
}

// Layer is a layer that a proof needs to know.
type Layer struct {
	// Ref is an image that the layer can be read through.
	Ref    image.Reference
	Layer  image.Layer
	DiffID string
}

// Facts are what is known of layers, by DiffID.
type Facts map[string]layers.Facts

// Result is what one check came to.
type Result struct {
	Check    Check          `json:"check"`
	Platform image.Platform `json:"-"`
	// Passed is true where the check found nothing against the rebase.
	Passed bool `json:"passed"`
	// Waived is true where it did, and the policy's owner allows that.
	Waived bool `json:"waived,omitempty"`
	// Reason is a sentence: what was found, where, and what to do about it.
	Reason string `json:"reason"`
}
