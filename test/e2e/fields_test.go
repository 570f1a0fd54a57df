//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// ownsOnlyImages expects Respin's field manager to own the images of the given containers, written as list/name, and
// nothing else but the names that tell the containers apart.
func ownsOnlyImages(t testing.TB, workload client.Object, containers ...string) {
	t.Helper()
	var wanted []string
	for _, container := range containers {
		list, name, _ := strings.Cut(container, "/")
		key := "spec/template/spec/" + list + `/{"name":"` + name + `"}`
		wanted = append(wanted, key, key+"/image", key+"/name")
	}
	owned := ownedBy(t, workload, respinv1alpha1.FieldManager)
	slices.Sort(wanted)
	if !slices.Equal(owned, wanted) {
		t.Errorf("Respin owns %v of %s, not %v", owned, workload.GetName(), wanted)
	}
}

// ownedBy are the paths of the fields that a manager owns, sorted.
func ownedBy(t testing.TB, workload client.Object, manager string) []string {
	t.Helper()
	var paths []string
	for _, entry := range workload.GetManagedFields() {
		if entry.Manager != manager {
			continue
		}
		var fields map[string]any
		if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
			t.Fatalf("reading managed fields: %v", err)
		}
		paths = leaves(paths, "", fields)
	}
	slices.Sort(paths)
	return paths
}

func leaves(paths []string, path string, fields map[string]any) []string {
	for key, value := range fields {
		below, _ := value.(map[string]any)
		switch {
		case key == ".":
			paths = append(paths, path)
		case len(below) == 0:
			paths = append(paths, join(path, key))
		default:
			paths = leaves(paths, join(path, key), below)
		}
	}
	return paths
}

// join adds a field (f:name) or an entry of a list (k:{"key":"value"}) to a path.
func join(path, key string) string {
	return strings.TrimPrefix(path+"/"+key[2:], "/")
}
