//go:build !linux

package main

import (
	"context"
	"errors"
	"runtime"
)

// run says what to do on systems that cannot run containers themselves.
func run(context.Context, []string) error {
	return errors.New("the local cluster needs Linux, not " + runtime.GOOS + ".\n" + elsewhere)
}
