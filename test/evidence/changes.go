package evidence

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// Changes are everybody's changes of a namespace's objects of a resource since a time, in the order in which they were
// asked for. A subresource is named as in deployments/status. What the API server refused is not among them.
func Changes(t testing.TB, since time.Time, namespace, resource string) []Request {
	t.Helper()
	found := writes(t, since, `"`+namespace+`"`, func(r Request) bool {
		return r.Object.Namespace == namespace && r.what() == resource && r.Response.Code < http.StatusMultipleChoices
	})
	slices.SortFunc(found, func(a, b Request) int { return a.Received.Compare(b.Received) })
	return found
}

// ChangesByOperator are the operator's own among them.
func ChangesByOperator(t testing.TB, since time.Time, namespace, resource string) []Request {
	t.Helper()
	return slices.DeleteFunc(Changes(t, since, namespace, resource), func(r Request) bool { return r.User.Username != Operator })
}
