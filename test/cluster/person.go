package cluster

import (
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// As is a client of a person who may do everything, and is known to the API server by a name.
func (c *Cluster) As(t testing.TB, person string) client.Client {
	t.Helper()
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: person, Groups: []string{"system:masters", "system:authenticated"}}
	of, err := client.New(config, client.Options{Scheme: c.Scheme()})
	if err != nil {
		t.Fatalf("connecting as %s: %v", person, err)
	}
	return of
}
