package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

func approveCommand(c *cluster) *cobra.Command {
	var digest string
	var yes bool
	cmd := &cobra.Command{
		Use:   "approve RUN",
		Short: "Approve exactly the image that a run has made",
		Long: "Approve exactly the image that a run has made.\n\n" +
			"It shows the image and asks. What is approved is its digest: were the run to make another one, it would not be approved. " +
			"Who approved it is recorded as the API server knows them.",
		Example: "  kubectl respin approve payments-4a5576e6eb-be832\n" +
			"  kubectl respin approve payments-4a5576e6eb-be832 --digest sha256:… --yes",
		Args:              one("a run"),
		ValidArgsFunction: c.complete(1, unapproved),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.approve(cmd.Context(), args[0], digest, yes)
		},
	}
	cmd.Flags().StringVar(&digest, "digest", "", "Approve only if the run has made this digest")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "Do not ask")
	return cmd
}

func (c *cluster) approve(ctx context.Context, arg, digest string, yes bool) error {
	live, namespace, facts, err := c.records(ctx)
	if err != nil {
		return err
	}
	run, err := plugin.Named(facts, namespace, arg)
	if err != nil {
		return err
	}
	text, err := plugin.Approve(run, digest)
	if err != nil {
		return err
	}
	fmt.Fprint(c.warnings, text)
	if err := c.confirm(ctx, "Approve it?", yes); err != nil {
		return err
	}
	return c.writeApproval(ctx, live, run)
}

// writeApproval annotates a run with its own digest. Where that is there already, without anyone being known to have
// written it, it is taken away first: else nothing would change, and nobody would be recorded.
func (c *cluster) writeApproval(ctx context.Context, live client.Client, run *respinv1alpha1.PatchRun) error {
	digest := run.Status.Output.Digest
	if run.Annotations[respinv1alpha1.AnnotationApprove] == digest {
		if err := annotate(ctx, live, run, respinv1alpha1.AnnotationApprove, nil); err != nil {
			return err
		}
	}
	if err := annotate(ctx, live, run, respinv1alpha1.AnnotationApprove, digest); err != nil {
		return err
	}
	if run.Annotations[respinv1alpha1.AnnotationApprovedBy] == "" {
		fmt.Fprintln(c.warnings, "Warning: the operator's webhook did not record who approved it, so that it may not count: see whether the operator runs")
	}
	_, err := fmt.Fprintf(c.out, "patchrun.respin.dev/%s approved\n", run.Name)
	return err
}
