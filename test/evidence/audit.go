// Package evidence is the part of the tests' vocabulary that reads logs which the operator cannot tint: the API server's
// audit log and the registry's.
package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/respin-dev/respin/test/cluster"
)

// Request is a request to the API server.
type Request struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	Stage  string `json:"stage"`
	Object struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	Response struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	Received time.Time `json:"requestReceivedTimestamp"`
}

// Operator is the user that the operator is to the API server.
const Operator = "system:serviceaccount:" + cluster.OperatorNamespace + ":respin-controller-manager"

// Lease tells whether a request is about the operator's lease, by which one of several replicas is chosen.
func (r Request) Lease() bool { return r.Object.Resource == "leases" }

func (r Request) String() string {
	return r.Received.Format("15:04:05.000") + " " + r.Verb + " " + r.what() + " " + r.Object.Namespace + "/" + r.Object.Name
}

// what is the resource, with the subresource if there is one, as in deployments/status.
func (r Request) what() string {
	if r.Object.Subresource == "" {
		return r.Object.Resource
	}
	return r.Object.Resource + "/" + r.Object.Subresource
}

// Writes are the operator's writes since a time that concern one of the namespaces, from the API server's audit log.
func Writes(t testing.TB, since time.Time, namespaces ...string) []Request {
	t.Helper()
	return writes(t, since, Operator, func(r Request) bool {
		return r.User.Username == Operator && slices.Contains(namespaces, r.Object.Namespace)
	})
}

// writes are the writes since a time that are wanted, among those whose line in the audit log mentions a text.
func writes(t testing.TB, since time.Time, mention string, wanted func(Request) bool) []Request {
	t.Helper()
	var found []Request
	lines(t, cluster.SkipWithout(t, cluster.AuditLog), func(line []byte) {
		if !bytes.Contains(line, []byte(mention)) {
			return // most of a long log: reading a line as JSON is what takes time
		}
		var r Request
		if json.Unmarshal(line, &r) == nil && r.Stage == "ResponseComplete" && r.writes() && !r.Received.Before(since) && wanted(r) {
			found = append(found, r)
		}
	})
	return found
}

func (r Request) writes() bool { return !slices.Contains([]string{"get", "list", "watch"}, r.Verb) }

// lines reads a log that may be written to meanwhile.
func lines(t testing.TB, path string, each func(line []byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatalf("reading a log: %v", err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		each(scanner.Bytes())
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("reading %s: %v", path, err)
	}
}
