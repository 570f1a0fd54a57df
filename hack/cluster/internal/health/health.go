// Package health asks the cluster's parts whether they work. Every check does
// what a user would do: it goes over the network, with a user's certificate.
package health

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Check asks one component.
type Check struct {
	// Component is the name that its log has too.
	Component string
	// Ask returns why the component does not work, or nil.
	Ask func(context.Context) error
}

const (
	// patience is how long one question may take.
	patience = 3 * time.Second
	// interval is between two questions.
	interval = 100 * time.Millisecond
)

// Once asks one time.
func (c Check) Once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Ask(ctx)
}

// Wait asks until the answer is good, or ctx ends.
func (c Check) Wait(ctx context.Context) error {
	for {
		err := c.Once(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return &Error{Component: c.Component, Err: err}
		case <-time.After(interval):
		}
	}
}

// All waits for one check after the other and tells of each.
func All(ctx context.Context, checks []Check, tell func(component string)) error {
	for _, c := range checks {
		if err := c.Wait(ctx); err != nil {
			return err
		}
		tell(c.Component)
	}
	return nil
}

// Error says which component does not work.
type Error struct {
	Component string
	Err       error
}

func (e *Error) Error() string { return fmt.Sprintf("%s is not ready: %v", e.Component, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// errEmpty stands for an answer without what was asked for.
var errEmpty = errors.New("not there yet")
