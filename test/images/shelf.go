// Package images is the part of the tests' vocabulary that makes images: tiny bases with a real shell in them, apps that
// BuildKit builds on those, and what a registry has of them.
package images

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/test/authregistry"
	"github.com/respin-dev/respin/test/cluster"
)

// Shelf holds a test's images: repositories of one registry that no other test uses.
type Shelf struct {
	// Registry is host:port.
	Registry string
	prefix   string
	t        testing.TB
	names    []name.Option
	remote   []remote.Option
	// login is what builds push and pull with; nil for nothing.
	login func(repository string) (username, password string)
}

// NewShelf makes a shelf of the given name, which has to be unlike that of any other, in the cluster's own registry.
func NewShelf(t testing.TB, unique string) *Shelf {
	t.Helper()
	registry := cluster.Need(t, cluster.Registry)
	return &Shelf{Registry: registry, prefix: registry + "/e2e/" + unique, t: t, names: []name.Option{name.Insecure}}
}

// NewShelfBehindLogin makes a shelf of the given name in a registry that wants to know who is there. The name has to be
// unlike that of any other, also of earlier registries at the same address: a node remembers their images.
func NewShelfBehindLogin(t testing.TB, at *authregistry.Registry, unique, account string) *Shelf {
	t.Helper()
	who := at.Account(account)
	return &Shelf{
		Registry: at.Host, prefix: at.Host + "/" + unique, t: t, remote: at.As(account),
		login: func(string) (string, string) { return who.Name, who.Password },
	}
}

// Repository is a repository on the shelf, registry included.
func (s *Shelf) Repository(name string) string { return s.prefix + "/" + name }

// Path is a repository on the shelf as it stands in the URLs of the registry.
func (s *Shelf) Path(name string) string { return s.Repository(name)[len(s.Registry)+1:] }

func (s *Shelf) parse(reference string) name.Reference {
	s.t.Helper()
	ref, err := name.ParseReference(reference, s.names...)
	s.must(err)
	return ref
}

func (s *Shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
