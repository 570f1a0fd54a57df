package registry

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// deniedError says that a registry, or the place where it lets us log in, wants somebody else to ask.
type deniedError struct {
	cause error
	given bool // credentials
	push  bool
}

func (e *deniedError) Error() string { return "denied: " + e.cause.Error() }
func (e *deniedError) Unwrap() error { return e.cause }

// sentence tells what to do about it.
func (e *deniedError) sentence(host string) string {
	words := ""
	var answered *transport.Error
	if errors.As(e.cause, &answered) {
		words = said(answered.Errors)
	}
	may := "pull from"
	if e.push {
		may = "push to"
	}
	switch {
	case e.given:
		return fmt.Sprintf("the credentials for %s are refused%s; check that they are current, and that they may %s the "+
			"repository", host, words, may)
	case e.push:
		return fmt.Sprintf("%s takes nothing without credentials%s, and none were given for it; add an imagePullSecret "+
			"that may push to the repository", host, words)
	}
	return fmt.Sprintf("%s does not show it without credentials, or does not have it%s, and none were given for it; check "+
		"the name, add an imagePullSecret for it, or make the repository readable by anyone", host, words)
}

// denied tells answers of these statuses from other errors.
func (s *session) denied(err error, statuses ...int) error {
	var answered *transport.Error
	if errors.As(err, &answered) && slices.Contains(statuses, answered.StatusCode) {
		return &deniedError{cause: err, given: s.credential != Credential{}, push: s.push}
	}
	return err
}
