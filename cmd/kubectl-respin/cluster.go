package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// cluster is the cluster that kubectl's own flags mean, and as whom.
type cluster struct {
	streams
	rules     clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
}

// bind adds kubectl's flags, by kubectl's own means.
func (c *cluster) bind(flags *pflag.FlagSet) {
	c.rules = *clientcmd.NewDefaultClientConfigLoadingRules()
	flags.StringVar(&c.rules.ExplicitPath, clientcmd.RecommendedConfigPathFlag, "", "Path to the kubeconfig file to use for CLI requests.")
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ClusterOverrideFlags.APIServer.ShortName = "s"
	clientcmd.BindOverrideFlags(&c.overrides, flags, names)
}

func (c *cluster) config() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&c.rules, &c.overrides)
}

// namespace is the one that was named, or the context's.
func (c *cluster) namespace() (string, error) {
	namespace, _, err := c.config().Namespace()
	if err != nil {
		return "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	return namespace, nil
}

func (c *cluster) rest() (*rest.Config, error) {
	config, err := c.config().ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, errors.New("no cluster is configured: name a kubeconfig with --kubeconfig or in KUBECONFIG")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	config.UserAgent = "kubectl-respin/" + version
	config.QPS, config.Burst = 50, 300 // as kubectl does: the API server has its own say in who waits
	config.WarningHandler = rest.NewWarningWriter(c.warnings, rest.WarningWriterOptions{Deduplicate: true})
	return config, nil
}

// connect makes a client, and tells the namespace to work in.
func (c *cluster) connect() (client.Client, string, error) {
	namespace, err := c.namespace()
	if err != nil {
		return nil, "", err
	}
	config, err := c.rest()
	if err != nil {
		return nil, "", err
	}
	live, err := client.New(config, client.Options{Scheme: scheme()})
	if err != nil {
		return nil, "", fmt.Errorf("making a client: %w", err)
	}
	return live, namespace, nil
}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, respinv1alpha1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // types that cannot be added are a mistake in their code
		}
	}
	return s
}

// flags are those that mean this cluster, as they have to be put into a command that is told.
func (c *cluster) flags() string {
	var flags strings.Builder
	if c.rules.ExplicitPath != "" {
		flags.WriteString(" --kubeconfig " + c.rules.ExplicitPath)
	}
	if c.overrides.CurrentContext != "" {
		flags.WriteString(" --context " + c.overrides.CurrentContext)
	}
	return flags.String()
}

// explained puts into words what the API server's answer means for who runs the command.
func explained(err error) error {
	switch {
	case err == nil:
		return nil
	case meta.IsNoMatchError(err):
		return fmt.Errorf("this cluster does not have Respin's kinds: install Respin first, or name another cluster with --context (%w)", err)
	case apierrors.IsForbidden(err):
		return fmt.Errorf("you may not do this here: ask who administers the cluster, or name another namespace with -n (%w)", err)
	}
	return err
}
