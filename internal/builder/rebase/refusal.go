package rebase

import (
	"errors"
	"fmt"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
)

// refuse turns what speaks against a rebase into the error that says so, with the image that it was found in.
func refuse(ref image.Reference, err error) error {
	return &builder.RefusedError{Reasons: []string{fmt.Sprintf("%s: %v", ref.Familiar(), err)}}
}

// joined is one error for those of all platforms: what kept us from knowing goes first, then all refusals together.
func joined(errs []error) error {
	var all builder.RefusedError
	for _, err := range errs {
		var refused *builder.RefusedError
		switch {
		case errors.As(err, &refused):
			all.Reasons = append(all.Reasons, refused.Reasons...)
		case err != nil:
			return err
		}
	}
	if len(all.Reasons) == 0 {
		return nil
	}
	return &all
}
