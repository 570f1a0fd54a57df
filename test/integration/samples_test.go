//go:build integration

package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// What people copy from has to be right: the samples, and the policies in the documentation.

const kindPolicy = "PatchPolicy"

func TestEverySampleIsTakenAndNamedInTheKustomization(t *testing.T) {
	folder := filepath.Join("..", "..", "config", "samples")
	kustomization, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no samples: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "kustomization.yaml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(kustomization), name) {
				t.Errorf("kustomization.yaml does not name it")
			}
			ns := namespace(t)
			for _, o := range objects(t, file) {
				if o.GetKind() == kindPolicy {
					taken(t, ns, o)
				}
			}
		})
	}
}

func TestEveryPolicyInTheDocumentationIsTaken(t *testing.T) {
	documents, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(documents) == 0 {
		t.Fatalf("there is no documentation: %v", err)
	}
	for _, document := range append(documents, filepath.Join("..", "..", "README.md")) {
		t.Run(filepath.Base(document), func(t *testing.T) {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range policiesIn(t, string(text)) {
				taken(t, namespace(t), o)
			}
		})
	}
}

var fenced = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// policiesIn are the policies that a document shows: whole ones, and specs without a head.
func policiesIn(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var policies []*unstructured.Unstructured
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		for _, document := range strings.Split(block[1], "\n---\n") {
			o := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(document), &o.Object); err != nil {
				t.Errorf("this is no YAML: %v\n%s", err, document)
				continue
			}
			if o.GetKind() == kindPolicy || o.GetKind() == "" && strings.HasPrefix(document, "spec:") {
				policies = append(policies, o)
			}
		}
	}
	return policies
}

// taken expects the API server to take a policy, every field of it, and the operator to find no mistake in it.
func taken(t *testing.T, ns string, o *unstructured.Unstructured) {
	t.Helper()
	o.SetAPIVersion(respinv1alpha1.GroupVersion.String())
	o.SetKind(kindPolicy)
	o.SetNamespace(ns)
	if o.GetName() == "" {
		o.SetGenerateName("documented-")
	}
	if err := client.WithFieldValidation(live, "Strict").Create(t.Context(), o); err != nil {
		t.Errorf("it is not taken: %v\n%s", err, asJSON(t, o.Object["spec"]))
		return
	}
	var policy respinv1alpha1.PatchPolicy
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(o), &policy); err != nil {
		t.Fatal(err)
	}
	_, windows := plan.ParseWindows(policy.Spec.Rollout.Windows)
	_, waves := plan.ParseWaves(policy.Spec.Rollout.Waves)
	_, selector := plan.Selector(&policy)
	for _, mistake := range []*plan.Problem{windows, waves, selector} {
		if mistake != nil {
			t.Errorf("it has a mistake: %s: %s", mistake.Reason, mistake.Message)
		}
	}
	for _, rule := range plan.Rules(policy.Spec) {
		if rule.Problem != nil {
			t.Errorf("it has a mistake: %s: %s", rule.Problem.Reason, rule.Problem.Message)
		}
	}
}
