// The kubectl-respin command is a plugin: kubectl runs it as "kubectl respin". It shows what Respin does with a
// namespace's workloads and why, and passes on what a person decides, with that person's own rights.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"golang.org/x/term"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // every way to log in that kubectl has
	ctrl "sigs.k8s.io/controller-runtime"
)

// version is set by the build.
var version = "dev"

// streams are where a command reads and writes.
type streams struct {
	in            io.Reader
	out, warnings io.Writer
	// asks tells whether there is a person at in to answer, and screen whether out is a terminal.
	asks, screen bool
}

func main() {
	ctrl.SetLogger(logr.Discard()) // what is wrong is told as an error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends it whatever it does
	code := run(ctx, os.Args[1:], streams{
		in: os.Stdin, out: os.Stdout, warnings: os.Stderr,
		asks: term.IsTerminal(int(os.Stdin.Fd())), screen: term.IsTerminal(int(os.Stdout.Fd())),
	})
	stop()
	os.Exit(code)
}

// run runs the command, and returns the code to end with: 0, or 1 after an error, which is told.
func run(ctx context.Context, args []string, io streams) int {
	root := command(io)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(io.warnings, "error: %v\n", err)
		return 1
	}
	return 0
}

func command(io streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-respin",
		Short: "Shows what Respin keeps patched and why, and tells it what you decide",
		Long: "Shows what Respin keeps patched and why, and tells it what you decide.\n\n" +
			"It reads and writes with your own rights, in the namespace and context that kubectl would use.",
		Annotations:  map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl respin"},
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.warnings)
	c := &cluster{streams: io}
	c.bind(root.PersistentFlags())
	c.completeFlags(root)
	root.AddCommand(
		statusCommand(c), whyCommand(c), historyCommand(c), approveCommand(c), retryCommand(c), rollbackCommand(c),
		suspendCommand(c, true), suspendCommand(c, false), versionCommand(),
	)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the plugin's version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "kubectl-respin", version)
			return err
		},
	}
}
