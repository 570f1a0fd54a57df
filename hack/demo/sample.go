package main

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

const (
	policyFile   = "config/samples/respin_v1alpha1_patchpolicy_demo.yaml"
	workloadFile = "hack/demo/web.yaml"
	// registryInFiles is the registry that the files name, in the place of the cluster's.
	registryInFiles = "registry.example.com"
	// workload is the Deployment's name, and its pods' label app.
	workload = "web"
)

// sample is the policy and the workload, with the cluster's registry in them. The policy is where the names of the
// images and the application's Dockerfile are from.
type sample struct {
	policyYAML, workloadYAML string
	policy                   respinv1alpha1.PatchPolicy
	base, app, dockerfile    string
}

func readSample(registry string) (sample, error) {
	var s sample
	var err error
	if s.policyYAML, err = render(policyFile, registry); err != nil {
		return s, err
	}
	if s.workloadYAML, err = render(workloadFile, registry); err != nil {
		return s, err
	}
	if err := yaml.UnmarshalStrict([]byte(s.policyYAML), &s.policy); err != nil {
		return s, fmt.Errorf("%s: %w", policyFile, err)
	}
	rule := s.policy.Spec.Images[0]
	s.base, s.app, s.dockerfile = rule.Base.Image, rule.Match+":1.0", rule.Build.DockerfileInline
	return s, nil
}

func render(file, registry string) (string, error) {
	text, err := os.ReadFile(file)
	return strings.ReplaceAll(string(text), registryInFiles, registry), err
}

// withoutComment is a file's text without the comment at its top.
func withoutComment(text string) string {
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}
