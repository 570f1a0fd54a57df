package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// options are the flags that both commands have.
type options struct {
	base      string
	allow     []string
	output    string
	plainHTTP []string
	internal  []string
	authority string
	facts     string
}

func (o *options) bind(flags *pflag.FlagSet) {
	flags.StringVar(&o.base, "base", "", "the base to follow, as registry/repository:tag; by default what the image tells of its own")
	flags.StringSliceVar(&o.allow, "allow", nil, "safety checks to waive, by name")
	flags.StringVarP(&o.output, "output", "o", "text", "text or json")
	flags.StringSliceVar(&o.plainHTTP, "plain-http", nil, "registries, host:port, that are spoken to in plain HTTP")
	flags.StringSliceVar(&o.internal, "internal", nil, "registries, host:port, beside those named, that may have an internal address")
	flags.StringVar(&o.authority, "certificate-authority", "", "a file with certificates in PEM that are trusted beside the system's")
	flags.StringVar(&o.facts, "layer-facts-dir", defaultFacts(), "folder that keeps what is known of layers' files; empty keeps nothing")
}

// defaultFacts is in the user's cache, if there is one.
func defaultFacts() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "respin", "layers")
}

// declared is the base that was named, nil if none was.
func (o *options) declared() (*image.Reference, error) {
	if o.base == "" {
		return nil, nil
	}
	base, err := image.ParseReference(o.base)
	if err != nil {
		return nil, usageError{fmt.Errorf("--base: %w", err)}
	}
	if base.Digest != "" {
		return nil, usageError{fmt.Errorf("--base: %s is a digest, which never moves; name a tag", o.base)}
	}
	return &base, nil
}

// check finds mistakes that flags of their types can have.
func (o *options) check() error {
	if o.output != "text" && o.output != "json" {
		return usageError{fmt.Errorf("--output: %q is neither text nor json", o.output)}
	}
	for _, name := range o.allow {
		if !safety.Waivable(safety.Check(name)) {
			return usageError{fmt.Errorf("--allow: %q is not a check that can be waived; those are %s", name, safety.WaivableNames())}
		}
	}
	return nil
}

// client reads and writes registries for the user of the command. Those that they name may be at internal addresses;
// what these lead to, as a base that an image tells of, may not.
func (o *options) client(named ...string) (*registry.Client, error) {
	internal := o.internal
	for _, name := range append(named, o.base) {
		if ref, err := image.ParseReference(name); err == nil {
			internal = append(internal, ref.Registry())
		}
	}
	access := registry.Access{Pull: &docker{}}
	if o.authority != "" {
		roots, err := os.ReadFile(o.authority)
		if err != nil {
			return nil, fmt.Errorf("--certificate-authority: %w", err)
		}
		access.Roots = roots
	}
	return registry.New(registry.Options{
		PlainHTTP: o.plainHTTP, Internal: internal, FactsDir: o.facts, UserAgent: "respin/" + version,
	}).As(access)
}
