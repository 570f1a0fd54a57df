package architecture

import (
	"strings"
	"testing"
)

func TestImportsGoDownward(t *testing.T) {
	for _, sentence := range broken(importGraph(sources(t)), rooms) {
		t.Error(sentence)
	}
}

// TestWrongImportsAreCaught holds the checker itself to account, with imports that must never be.
func TestWrongImportsAreCaught(t *testing.T) {
	for name, wrong := range map[string]struct{ folder, path, want string }{
		"a controller imports the other": {
			"controllers/patchrun", module + "/controllers/patchpolicy", "meets the other one in PatchRun objects",
		},
		"a controller names an adapter": {
			"controllers/patchrun", module + "/internal/builder/buildkit", "ports rather than adapters",
		},
		"the registry knows our kinds":       {"internal/registry", module + "/api/v1alpha1", "neither our kinds"},
		"the registry knows Kubernetes":      {"internal/registry", "k8s.io/apimachinery/pkg/types", "nor Kubernetes"},
		"an adapter knows our kinds":         {"internal/builder/buildkit", module + "/api/v1alpha1", "neither our kinds"},
		"the builder knows controllers":      {"internal/builder", controllerRuntime + "/pkg/client", "nor Kubernetes"},
		"a decision reads the cluster":       {"internal/plan", controllerRuntime + "/pkg/client", "from facts"},
		"a decision asks a server":           {"internal/plan", "net/http", "talks to nobody"},
		"a decision asks a registry":         {"internal/plan", module + "/internal/registry", "from facts"},
		"credentials meet a builder":         {"internal/access", buildkit + "/session", "asks no registry"},
		"siblings import each other":         {"internal/rollout", module + "/internal/plan", "cluster client only"},
		"a value asks a registry":            {"internal/image", registryClient, "pure values"},
		"the ground imports a floor above":   {"internal/image", module + "/internal/plan", "image is ground"},
		"the API imports a client":           {"api/v1alpha1", clientGo + "/kubernetes", "api is ground"},
		"the API imports something of ours":  {"api/v1alpha1", module + "/internal/image", "api is ground"},
		"something imports a command":        {"controllers/patchrun", module + "/cmd/operator", "meets the other one"},
		"the operator imports test helpers":  {"cmd/operator", module + "/test/cluster", "wires everything"},
		"a package that is in no room":       {"internal/newcomer", "fmt", "is in no room"},
		"a package straight below the floor": {"controllers", "fmt", "is in no room"},
	} {
		t.Run(name, func(t *testing.T) {
			got := broken(graph{wrong.folder: {wrong.path}}, rooms)
			if len(got) != 1 || !strings.Contains(got[0], wrong.want) {
				t.Errorf("got %q, want one sentence with %q", got, wrong.want)
			}
		})
	}
}

func TestRightImportsPass(t *testing.T) {
	right := graph{
		"cmd/operator":              {module + "/controllers/patchrun", module + "/internal/builder/buildkit", "os"},
		"controllers/patchrun":      {module + "/internal/builder", module + "/api/v1alpha1", controllerRuntime},
		"internal/plan":             {module + "/api/v1alpha1", module + "/internal/image", "k8s.io/apimachinery/pkg/types"},
		"internal/builder/buildkit": {module + "/internal/builder", module + "/internal/image", buildkit + "/client"},
		"internal/rollout":          {controllerRuntime + "/pkg/client", "k8s.io/api/apps/v1"},
		"internal/registry":         {"net/http", registryClient, "k8s.iolike.example.com/x"},
	}
	for _, sentence := range broken(right, rooms) {
		t.Error(sentence)
	}
}
