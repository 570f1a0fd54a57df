package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/plugin"
)

// completionTime is how long a person who pressed a key waits for names.
const completionTime = 3 * time.Second

// complete completes up to that many arguments, any number where it is 0, with names from the cluster. What cannot be read
// completes nothing.
func (c *cluster) complete(arguments int, names func(facts plugin.Facts, begun string) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if arguments > 0 && len(args) >= arguments {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		live, namespace, err := c.connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		g := &gatherer{Reader: live}
		facts, err := g.records(ctx, namespace)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return beginning(slices.DeleteFunc(names(facts, begun), func(name string) bool { return slices.Contains(args, name) }), begun)
	}
}

// The names that commands take.

func policies(facts plugin.Facts, _ string) []string { return facts.PolicyNames() }

func unapproved(facts plugin.Facts, _ string) []string { return facts.Unapproved() }

func workloads(facts plugin.Facts, begun string) []string {
	return plugin.Spelled(facts.WorkloadNames(), begun)
}

func workloadsAndImages(facts plugin.Facts, begun string) []string {
	return append(workloads(facts, begun), facts.ImageNames()...)
}

func policiesAndWorkloads(facts plugin.Facts, begun string) []string {
	return append(facts.PolicyNames(), workloads(facts, begun)...)
}

func runsAndWorkloads(facts plugin.Facts, begun string) []string {
	return append(facts.RunNames(), workloads(facts, begun)...)
}

func beginning(names []string, begun string) ([]string, cobra.ShellCompDirective) {
	found := slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasPrefix(strings.ToLower(name), strings.ToLower(begun))
	})
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeFlags completes the flags that name a namespace or a context.
func (c *cluster) completeFlags(root *cobra.Command) {
	for flag, complete := range map[string]cobra.CompletionFunc{"namespace": c.namespaces, "context": c.contexts} {
		if err := root.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // the flag is not there, or has one already: a mistake in this file
		}
	}
}

func (c *cluster) namespaces(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	var names []string
	var list corev1.NamespaceList
	if live, _, err := c.connect(); err == nil && live.List(ctx, &list) == nil {
		for i := range list.Items {
			names = append(names, list.Items[i].Name)
		}
	}
	return beginning(names, begun)
}

func (c *cluster) contexts(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	config, err := c.config().RawConfig()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for name := range config.Contexts {
		names = append(names, name)
	}
	slices.Sort(names)
	return beginning(names, begun)
}
