package authregistry

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Request is a line of the registry's access log.
type Request struct {
	Method string
	// Path is as it was asked for, with its query.
	Path   string
	Status int
	Agent  string
}

func (r Request) String() string {
	return strings.Join([]string{r.Method, r.Path, strconv.Itoa(r.Status), r.Agent}, " ")
}

// combined is a line of the combined log format.
var combined = regexp.MustCompile(`"([A-Z]+) (\S+) [^"]*" (\d+) \S+ "[^"]*" "([^"]*)"`)

// mark is where the requests go that are made to find the log's end.
const mark = "/v2/?mark="

// Requests are those that the registry was asked so far, in the order in which it was done with them. What the test
// itself asks while this is called is not sure to be among them.
func (r *Registry) Requests() []Request {
	r.t.Helper()
	var requests []Request
	for line := range strings.Lines(r.readLog()) {
		fields := combined.FindStringSubmatch(line)
		if fields == nil || strings.HasPrefix(fields[2], mark) {
			continue
		}
		status, err := strconv.Atoi(fields[3])
		must(r.t, err)
		requests = append(requests, Request{fields[1], fields[2], status, fields[4]})
	}
	return requests
}

// readLog asks for something that nobody else asks for, and reads the log once that is in it: so is all that was asked
// before.
func (r *Registry) readLog() string {
	r.t.Helper()
	end := mark + rand.Text()
	r.ask(end)
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	for {
		content, err := os.ReadFile(r.log)
		must(r.t, err)
		if strings.Contains(string(content), end+" ") {
			return string(content)
		}
		select {
		case <-ctx.Done():
			r.t.Fatal("the registry's log does not tell of a request that was made")
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (r *Registry) ask(path string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.scheme+"://"+r.Host+path, http.NoBody)
	must(r.t, err)
	transport := r.Transport()
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	must(r.t, err)
	must(r.t, response.Body.Close())
}
