package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

// status is what status was asked for.
type status struct {
	*cluster
	all, watch, plain bool
	form              string
	namespace, policy string // empty for all
}

func statusCommand(c *cluster) *cobra.Command {
	s := &status{cluster: c}
	cmd := &cobra.Command{
		Use:   "status [POLICY]",
		Short: "Show policies, their bases and images, and how many pods run patched",
		Example: "  kubectl respin status\n  kubectl respin status payments -w\n" +
			"  kubectl respin status -A -o json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: c.complete(1, policies),
		RunE:              func(cmd *cobra.Command, args []string) error { return s.run(cmd.Context(), args) },
	}
	cmd.Flags().BoolVarP(&s.all, "all-namespaces", "A", false, "Show the policies of all namespaces")
	cmd.Flags().BoolVarP(&s.watch, "watch", "w", false, "Go on showing it as it changes, until interrupted")
	cmd.Flags().BoolVar(&s.plain, "no-color", false, "Use no colours; nor are any used where NO_COLOR is set, or away from a terminal")
	cmd.Flags().StringVarP(&s.form, "output", "o", "", "json or yaml")
	return cmd
}

func (s *status) run(ctx context.Context, args []string) error {
	if err := s.read(args); err != nil {
		return err
	}
	live, namespace, err := s.connect()
	if err != nil {
		return err
	}
	if !s.all {
		s.namespace = namespace
	}
	g := &gatherer{Reader: live, flags: s.flags()}
	tree, err := s.tree(ctx, g)
	if err != nil {
		return explained(err)
	}
	g.warn(s.warnings)
	if s.watch {
		return s.follow(ctx, g)
	}
	if len(tree.Policies) == 0 && s.form == "" {
		return s.none()
	}
	return s.print(s.out, tree, time.Now())
}

// read checks what was asked for.
func (s *status) read(args []string) error {
	if err := checkForm(s.form, asJSON, asYAML); err != nil {
		return err
	}
	if len(args) == 0 {
		return nil
	}
	if s.all {
		return errors.New("a policy is named in one namespace: leave out either its name or --all-namespaces")
	}
	subject, err := plugin.ParseSubject(args[0])
	s.policy = subject.Name
	return err
}

// tree reads the cluster, by the cache where it is watched.
func (s *status) tree(ctx context.Context, g *gatherer) (plugin.Tree, error) {
	facts, err := g.all(ctx, s.namespace)
	if err != nil {
		return plugin.Tree{}, err
	}
	if s.policy != "" {
		exist := facts.PolicyNames()
		facts.Policies = slices.DeleteFunc(facts.Policies, func(p respinv1alpha1.PatchPolicy) bool { return p.Name != s.policy })
		if len(facts.Policies) == 0 && !s.watching(g) {
			return plugin.Tree{}, plugin.Missing(s.policy, s.namespace, "policy", exist)
		}
	}
	return plugin.Grow(facts), nil
}

func (s *status) none() error {
	where := "in namespace " + s.namespace + "; look in all of them with -A"
	if s.all {
		where = "in any namespace"
	}
	_, err := fmt.Fprintf(s.warnings, "There is no policy %s.\n", where)
	return err
}

func (s *status) print(out io.Writer, tree plugin.Tree, now time.Time) error {
	if s.form != "" {
		return printAs(out, s.form, tree)
	}
	return tree.Print(out, now, s.paint(), s.all)
}

// paint tells whether to use colours: on a terminal that has them, unless someone does not want them.
func (s *status) paint() plugin.Paint {
	return plugin.Paint(s.screen && !s.plain && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// warn says what could not be read.
func (g *gatherer) warn(out io.Writer) {
	if len(g.denied) > 0 {
		fmt.Fprintf(out, "Warning: you may not list %s here: what is known of them is from what the operator last wrote\n",
			strings.Join(g.denied, ", "))
	}
}
