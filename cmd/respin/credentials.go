package main

import (
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/respin-dev/respin/internal/registry"
)

// docker finds credentials in the Docker configuration, as crane and its kin do, for each repository once: it may run a
// credential helper for that.
type docker struct {
	mu    sync.Mutex
	known map[string]registry.Credential
}

// For is registry.Credentials's.
func (d *docker) For(repository string) (registry.Credential, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found, ok := d.known[repository]
	if !ok {
		found = lookUp(repository)
		if d.known == nil {
			d.known = map[string]registry.Credential{}
		}
		d.known[repository] = found
	}
	return found, found != registry.Credential{}
}

// lookUp gives the zero value where there is nothing for a repository, or where it cannot be had: a registry that wants
// a login says so.
func lookUp(repository string) registry.Credential {
	repo, err := name.NewRepository(repository)
	if err != nil {
		return registry.Credential{}
	}
	found, err := authn.DefaultKeychain.Resolve(repo)
	if err != nil || found == authn.Anonymous {
		return registry.Credential{}
	}
	config, err := found.Authorization()
	if err != nil {
		return registry.Credential{}
	}
	return registry.Credential{
		Username: config.Username, Password: config.Password,
		IdentityToken: config.IdentityToken, RegistryToken: config.RegistryToken,
	}
}
