package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/respin-dev/respin/internal/plugin"
)

func whyCommand(c *cluster) *cobra.Command {
	return &cobra.Command{
		Use:   "why WORKLOAD|IMAGE",
		Short: "Explain why a workload or an image is as it is, and what to do next",
		Example: "  kubectl respin why deployment/web\n  kubectl respin why registry.example.com/payments/web:2.0\n" +
			"  kubectl respin why payments/web",
		Args:              one("a workload, as in deployment/web, or an image"),
		ValidArgsFunction: c.complete(1, workloadsAndImages),
		RunE: func(cmd *cobra.Command, args []string) error {
			live, namespace, err := c.connect()
			if err != nil {
				return err
			}
			g := &gatherer{Reader: live, flags: c.flags()}
			facts, err := g.all(cmd.Context(), namespace)
			if err != nil {
				return explained(err)
			}
			g.warn(c.warnings)
			text, err := plugin.Why(facts, namespace, args[0], time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.out, text)
			return err
		},
	}
}

// one has a command take one argument, and say which where it does not get it.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes %s, and %d were named; see %[1]s --help", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}
