package proxy

import (
	"encoding/json"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Write is a request that is to change something.
type Write struct {
	Method string
	Path   string
	Body   []byte
}

// Creates tells whether the write creates an object of a resource, as in patchruns, in a namespace.
func (w Write) Creates(namespace, resource string) bool {
	return w.Method == http.MethodPost && strings.HasSuffix(w.Path, "/namespaces/"+namespace+"/"+resource)
}

// Patches tells whether the write patches an object of a resource in a namespace, and not its status.
func (w Write) Patches(namespace, resource string) bool {
	_, after, found := strings.Cut(w.Path, "/namespaces/"+namespace+"/"+resource+"/")
	return w.Method == http.MethodPatch && found && !strings.Contains(after, "/")
}

// Has tells whether the write's body holds a text.
func (w Write) Has(text string) bool { return strings.Contains(string(w.Body), text) }

// Run is the status of a run in a namespace as the write would have it, as far as it changes it; nil if it does not.
func (w Write) Run(namespace string) *respinv1alpha1.PatchRunStatus {
	_, after, found := strings.Cut(w.Path, "/namespaces/"+namespace+"/patchruns/")
	if w.Method != http.MethodPatch || !found || !strings.HasSuffix(after, "/status") {
		return nil
	}
	var run respinv1alpha1.PatchRun
	if json.Unmarshal(w.Body, &run) != nil {
		return nil
	}
	return &run.Status
}

// Tells tells whether the write gives a run of a namespace a condition of a type and status.
func (w Write) Tells(namespace, kind string, status metav1.ConditionStatus) bool {
	run := w.Run(namespace)
	return run != nil && meta.IsStatusConditionPresentAndEqual(run.Conditions, kind, status)
}
