package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

func retryCommand(c *cluster) *cobra.Command {
	return &cobra.Command{
		Use:               "retry RUN|WORKLOAD|IMAGE",
		Short:             "Try a run again that failed, or whose patched image someone took back",
		Example:           "  kubectl respin retry payments-4a5576e6eb-be832\n  kubectl respin retry deployment/web",
		Args:              one("a run, a workload or an image"),
		ValidArgsFunction: c.complete(1, runsAndWorkloads),
		RunE:              func(cmd *cobra.Command, args []string) error { return c.retry(cmd.Context(), args[0]) },
	}
}

func (c *cluster) retry(ctx context.Context, arg string) error {
	live, namespace, facts, err := c.records(ctx)
	if err != nil {
		return err
	}
	run, err := plugin.Retry(facts, namespace, arg)
	if err != nil {
		return err
	}
	stamp := plugin.Stamp(time.Now(), run.Annotations[respinv1alpha1.AnnotationRetry])
	if err := annotate(ctx, live, run, respinv1alpha1.AnnotationRetry, stamp); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "patchrun.respin.dev/%s retried\n", run.Name)
	return err
}

func rollbackCommand(c *cluster) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rollback RUN|WORKLOAD",
		Short: "Put back the image that a workload had before its last run",
		Long: "Put back the image that a workload had before its last run.\n\n" +
			"All workloads of that run get their previous image back. It shows them, and asks.",
		Example:           "  kubectl respin rollback deployment/web\n  kubectl respin rollback payments-4a5576e6eb-be832 --yes",
		Args:              one("a run or a workload"),
		ValidArgsFunction: c.complete(1, runsAndWorkloads),
		RunE:              func(cmd *cobra.Command, args []string) error { return c.rollback(cmd.Context(), args[0], yes) },
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "Do not ask")
	return cmd
}

func (c *cluster) rollback(ctx context.Context, arg string, yes bool) error {
	live, namespace, facts, err := c.records(ctx)
	if err != nil {
		return err
	}
	run, text, err := plugin.Rollback(facts, namespace, arg)
	if err != nil {
		return err
	}
	fmt.Fprint(c.warnings, text)
	if err := c.confirm(ctx, "Put these back?", yes); err != nil {
		return err
	}
	stamp := plugin.Stamp(time.Now(), run.Annotations[respinv1alpha1.AnnotationRollback])
	if err := annotate(ctx, live, run, respinv1alpha1.AnnotationRollback, stamp); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "patchrun.respin.dev/%s rollback asked for\n", run.Name)
	return err
}
