package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

// suspendCommand is suspend, or resume.
func suspendCommand(c *cluster, suspend bool) *cobra.Command {
	name, done, short := "resume", "resumed", "Have policies patch again"
	if suspend {
		name, done, short = "suspend", "suspended", "Have policies begin nothing until they are resumed"
	}
	return &cobra.Command{
		Use: name + " POLICY...", Short: short, Example: "  kubectl respin " + name + " payments",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no policy was named; kubectl respin status shows which there are")
			}
			return nil
		},
		ValidArgsFunction: c.complete(0, policies),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.suspend(cmd.Context(), args, suspend, done)
		},
	}
}

func (c *cluster) suspend(ctx context.Context, args []string, suspend bool, done string) error {
	live, namespace, err := c.connect()
	if err != nil {
		return err
	}
	var policies respinv1alpha1.PatchPolicyList
	if err := live.List(ctx, &policies, client.InNamespace(namespace)); err != nil {
		return explained(fmt.Errorf("listing policies: %w", err))
	}
	for _, arg := range args {
		policy, err := plugin.NamedPolicy(plugin.Facts{Policies: policies.Items}, namespace, arg)
		if err != nil {
			return err
		}
		said := done
		if policy.Spec.Suspend == suspend {
			said = "already " + done
		} else if err := patch(ctx, live, policy, map[string]any{"spec": map[string]any{"suspend": suspend}}); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "patchpolicy.respin.dev/%s %s\n", policy.Name, said)
	}
	return nil
}
