package main

import (
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/respin-dev/respin/internal/registry"
)

// docker finds credentials in the Docker configuration, as crane and its kin do.
type docker struct{}

// For is registry.Credentials's.
func (docker) For(repository string) (registry.Credential, bool) {
	repo, err := name.NewRepository(repository)
	if err != nil {
		return registry.Credential{}, false
	}
	found, err := authn.DefaultKeychain.Resolve(repo)
	if err != nil || found == authn.Anonymous {
		return registry.Credential{}, false
	}
	config, err := found.Authorization()
	if err != nil {
		return registry.Credential{}, false
	}
	return registry.Credential{
		Username: config.Username, Password: config.Password,
		IdentityToken: config.IdentityToken, RegistryToken: config.RegistryToken,
	}, true
}
