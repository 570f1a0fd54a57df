package architecture

import (
	"fmt"
	"slices"
	"strings"
)

// room is a part of the code with what it may import. Names are folders from the root; one that ends in /... stands
// for the folders below it too.
type room struct {
	folder string   // the room, with all that is below it
	uses   []string // the rooms of ours that it may import, beside itself
	never  []string // import paths that it must not import, each with all below it
	says   string   // why, in a sentence
}

const (
	kubernetes        = "k8s.io"
	kubernetesSIGs    = "sigs.k8s.io"
	clientGo          = "k8s.io/client-go"
	controllerRuntime = "sigs.k8s.io/controller-runtime"
	buildkit          = "github.com/moby/buildkit"
	registryClient    = "github.com/google/go-containerregistry/pkg/v1/remote"
)

// ports are what the controllers may use: each adapter's port, and never the adapter below it.
var ports = []string{"api/...", "internal/image/...", "internal/plan", "internal/rollout", "internal/restart", "internal/survey", "internal/registry", "internal/access", "internal/builder"}

// rooms are the floors of the house, from the ground up. Every package is in one of them.
var rooms = []room{
	{
		folder: "api",
		never:  []string{clientGo, controllerRuntime, "net/http"},
		says:   "api is ground: others import its types, and it imports no client",
	},
	{
		folder: "internal/image",
		never:  []string{kubernetes, kubernetesSIGs, registryClient, buildkit, "net/http", "os", "os/exec"},
		says:   "image is ground: pure values, which talk to nobody",
	},
	{
		folder: "internal/plan", uses: []string{"api/...", "internal/image/..."},
		never: []string{clientGo, controllerRuntime, registryClient, buildkit, "net/http", "os", "os/exec"},
		says:  "plan decides from facts that it is handed, and talks to nobody",
	},
	{
		folder: "internal/registry", uses: []string{"internal/image/..."},
		never: []string{kubernetes, kubernetesSIGs, buildkit},
		says:  "registry knows registries: neither our kinds nor Kubernetes",
	},
	{
		folder: "internal/access", uses: []string{"api/...", "internal/image/...", "internal/registry"},
		never: []string{registryClient, buildkit, "net/http", "os", "os/exec"},
		says:  "access reads what a namespace gives for registries, by the cluster client only, and asks no registry",
	},
	{
		folder: "internal/builder", uses: []string{"internal/image/..."},
		never: []string{kubernetes, kubernetesSIGs},
		says:  "builder knows builds: neither our kinds nor Kubernetes",
	},
	{
		folder: "internal/survey", uses: []string{"internal/image/...", "internal/registry"},
		never: []string{kubernetes, kubernetesSIGs, registryClient, buildkit, "net/http"},
		says:  "survey asks registries what decisions need, and knows neither our kinds nor Kubernetes",
	},
	{
		folder: "internal/rollout", uses: []string{"api/...", "internal/image/..."},
		never: []string{registryClient, buildkit, "net/http"},
		says:  "rollout knows workloads, through the cluster client only",
	},
	{
		folder: "internal/restart", uses: []string{"api/...", "internal/image/...", "internal/rollout"},
		never: []string{registryClient, buildkit, "net/http"},
		says:  "restart knows pods and what is to run in them, through the cluster client only",
	},
	{
		folder: "internal/admission", uses: []string{"api/...", "internal/plan", "internal/rollout"},
		never: []string{clientGo, controllerRuntime + "/pkg/client", registryClient, buildkit, "net/http", "os", "os/exec"},
		says:  "admission answers from memory and from the question, and asks nobody",
	},
	{
		folder: "internal/certificates",
		never:  []string{registryClient, buildkit, "net/http", "os", "os/exec"},
		says:   "certificates makes and keeps certificates, and knows neither our kinds nor what is served with them",
	},
	{
		folder: "internal/plugin", uses: []string{"api/...", "internal/image/...", "internal/plan"},
		never: []string{clientGo, controllerRuntime, registryClient, buildkit, "net/http", "os", "os/exec"},
		says:  "plugin tells people of objects that it is handed, and talks to nobody",
	},
	{
		folder: "controllers/patchpolicy", uses: ports, never: []string{registryClient, buildkit, "net/http"},
		says: "the policy controller meets the other one in PatchRun objects, and names ports rather than adapters",
	},
	{
		folder: "controllers/patchrun", uses: ports, never: []string{registryClient, buildkit, "net/http"},
		says: "the run controller meets the other one in PatchRun objects, and names ports rather than adapters",
	},
	{
		folder: "controllers/onrestart", uses: ports, never: []string{registryClient, buildkit, "net/http"},
		says: "the restart controller knows runs from PatchRun objects, and names ports rather than adapters",
	},
	{
		folder: "controllers/admission", uses: []string{"api/..."}, never: []string{registryClient, buildkit, "net/http"},
		says: "the webhooks' controller knows policies and runs by their objects alone, and makes no certificate itself",
	},
	{
		folder: "cmd", uses: []string{"api/...", "controllers/...", "internal/..."},
		says: "cmd wires everything together, and nothing imports it",
	},
	{
		folder: "test", uses: []string{"api/...", "controllers/...", "internal/..."},
		says: "test uses what it tests, and nothing but tests imports it",
	},
}

// graph holds what each package of ours imports: folders for our own, whole import paths for the others.
type graph map[string][]string

// importGraph reads the graph from sources. Tests are left out: they may use what they want to test with.
func importGraph(all []source) graph {
	g := graph{}
	for _, s := range all {
		if s.test || within(s.folder, "hack") {
			continue
		}
		g[s.folder] = append(g[s.folder], s.imports()...)
	}
	return g
}

// broken says, a sentence each, which imports break the rooms' rules.
func broken(g graph, rooms []room) []string {
	var sentences []string
	for folder, imports := range g {
		at := slices.IndexFunc(rooms, func(r room) bool { return within(folder, r.folder) })
		if at < 0 {
			sentences = append(sentences, folder+" is in no room: give it one in rules_test.go")
			continue
		}
		for _, path := range imports {
			if !rooms[at].allows(path) {
				sentences = append(sentences, fmt.Sprintf("%s imports %s, but %s", folder, path, rooms[at].says))
			}
		}
	}
	slices.Sort(sentences)
	return slices.Compact(sentences)
}

func (r room) allows(path string) bool {
	if own, ok := strings.CutPrefix(path, module+"/"); ok {
		return within(own, r.folder) || slices.ContainsFunc(r.uses, func(u string) bool { return names(u, own) })
	}
	return !slices.ContainsFunc(r.never, func(n string) bool { return within(path, n) })
}

// names tells whether a pattern, which may end in /..., stands for a folder.
func names(pattern, folder string) bool {
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(folder, above)
	}
	return folder == pattern
}

// within tells whether a slashed path is another one, or below it.
func within(path, above string) bool {
	return path == above || strings.HasPrefix(path, above+"/")
}
