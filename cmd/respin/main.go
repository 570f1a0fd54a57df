// The respin command shows what the operator would do with an image, and rebases one by hand. It uses the operator's own
// code, and neither needs nor reads a cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the build.
var version = "dev"

// The command's exit codes, documented in docs/command.md.
const (
	exitDone    = 0 // plan: the image is current; rebase: the image is pushed, or was current
	exitFailed  = 1 // something could not be read or written
	exitUsage   = 2 // the command line is wrong
	exitBehind  = 3 // plan: the image is behind, and would be rebased
	exitRefused = 4 // the image is behind, and a rebase is refused
)

// exit is an error that is told already, with the code to end with.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func main() {
	// It ends in milliseconds: until it takes that much memory, collecting any would be waiting for nothing.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(256 << 20)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	root := &cobra.Command{
		Use:   "respin",
		Short: "Shows what would be done with an image whose base has moved, and does it",
		Long: "Shows what would be done with an image whose base has moved, and does it.\n\n" +
			"Credentials are those of the Docker configuration: log in with \"docker login\" or the like.",
		Version:      version,
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q", args[0])}
			}
			return cmd.Help()
		},
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(complaints)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(planCommand(), rebaseCommand())
	return code(root.ExecuteContext(ctx), complaints)
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func code(err error, complaints io.Writer) int {
	var told exit
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &told):
		return int(told)
	case errors.As(err, &usage):
		fmt.Fprintf(complaints, "respin: %v; see --help\n", err)
		return exitUsage
	}
	fmt.Fprintf(complaints, "respin: %v\n", err)
	return exitFailed
}

// oneImage is the arguments' check: they are one image.
func oneImage(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("one image is to be named, and %d are", len(args))}
	}
	return nil
}
