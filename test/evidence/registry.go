package evidence

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/test/cluster"
)

// Pull is a request to the registry.
type Pull struct {
	At     time.Time
	Method string
	Path   string
	Status string
	Agent  string
}

func (p Pull) String() string {
	return p.At.Format("15:04:05") + " " + p.Method + " " + p.Path + " " + p.Status + " " + p.Agent
}

// combined is a line of the combined log format.
var combined = regexp.MustCompile(`\[([^\]]+)\] "([A-Z]+) (\S+) [^"]*" (\d+) \S+ "[^"]*" "([^"]*)"`)

const combinedTime = "02/Jan/2006:15:04:05 -0700"

// Requests are the requests to the registry whose path begins with /v2/ and the given path of a repository, in the
// second of since or later.
func Requests(t testing.TB, since time.Time, repository string) []Pull {
	t.Helper()
	var found []Pull
	lines(t, cluster.SkipWithout(t, cluster.RegistryLog), func(line []byte) {
		fields := combined.FindSubmatch(line)
		if fields == nil || !strings.HasPrefix(string(fields[3]), "/v2/"+repository) {
			return
		}
		at, err := time.Parse(combinedTime, string(fields[1]))
		if err == nil && !at.Before(since.Truncate(time.Second)) {
			found = append(found, Pull{at, string(fields[2]), string(fields[3]), string(fields[4]), string(fields[5])})
		}
	})
	return found
}

// ByOperator are the requests that the operator made, not BuildKit, the node or a test.
func ByOperator(requests []Pull) []Pull {
	var found []Pull
	for _, r := range requests {
		if strings.HasPrefix(r.Agent, "respin-operator/") {
			found = append(found, r)
		}
	}
	return found
}

// Pushed are the manifests that were pushed under a tag, each time they were.
func Pushed(requests []Pull, tag string) []Pull {
	var found []Pull
	for _, r := range requests {
		if r.Method == http.MethodPut && strings.HasSuffix(r.Path, "/manifests/"+tag) {
			found = append(found, r)
		}
	}
	return found
}
