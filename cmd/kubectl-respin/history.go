package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/respin-dev/respin/internal/plugin"
)

// history is what history was asked for.
type history struct {
	*cluster
	all  bool
	form string
}

func historyCommand(c *cluster) *cobra.Command {
	h := &history{cluster: c}
	cmd := &cobra.Command{
		Use:   "history [WORKLOAD|POLICY]",
		Short: "List the runs, newest first: all, or those of a workload or a policy",
		Example: "  kubectl respin history\n  kubectl respin history deployment/web\n" +
			"  kubectl respin history patchpolicy/payments -o wide",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: c.complete(1, policiesAndWorkloads),
		RunE:              func(cmd *cobra.Command, args []string) error { return h.run(cmd.Context(), strings.Join(args, "")) },
	}
	cmd.Flags().BoolVarP(&h.all, "all-namespaces", "A", false, "List the runs of all namespaces")
	cmd.Flags().StringVarP(&h.form, "output", "o", "", "json, yaml or wide")
	return cmd
}

func (h *history) run(ctx context.Context, arg string) error {
	if err := checkForm(h.form, asJSON, asYAML, asWide); err != nil {
		return err
	}
	if h.all && arg != "" {
		return errors.New("a policy or workload is named in one namespace: leave out either its name or --all-namespaces")
	}
	live, namespace, err := h.connect()
	if err != nil {
		return err
	}
	if h.all {
		namespace = ""
	}
	g := &gatherer{Reader: live}
	facts, err := g.records(ctx, namespace)
	if err != nil {
		return explained(err)
	}
	past, err := plugin.Recall(facts, namespace, arg, time.Now())
	if err != nil {
		return err
	}
	return h.print(past, arg)
}

func (h *history) print(past plugin.History, arg string) error {
	switch {
	case h.form == asJSON || h.form == asYAML:
		return printAs(h.out, h.form, past)
	case len(past.Runs) == 0:
		of := ""
		if arg != "" {
			of = " of " + arg
		}
		_, err := fmt.Fprintf(h.warnings, "There is no run%s: none was needed yet, or they were beyond the policy's history limit.\n", of)
		return err
	}
	return past.Print(h.out, time.Now(), h.form == asWide, h.all)
}
