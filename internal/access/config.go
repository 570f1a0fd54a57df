package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/registry"
)

// maxConfig bounds a Secret's value in bytes. Kubernetes takes no Secret that is larger.
const maxConfig = corev1.MaxSecretSize

// config is a file of credentials. Each entry is read by itself, so that an error can name it.
type config map[string]json.RawMessage

// keys reads the credentials of a Secret that images are pulled with. Its errors are sentences for a person, and tell
// nothing of the content but entries' names. Entries that name no host or hold no credential are of no use, and left
// out.
func keys(secret *corev1.Secret) ([]key, error) {
	entries, err := entriesOf(secret)
	if err != nil {
		return nil, err
	}
	var found []key
	// In one order whatever the map's, so that it is always the same one of two that mean the same place.
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		var entry authn.AuthConfig
		if json.Unmarshal(entries[name], &entry) != nil {
			return nil, fmt.Errorf("the entry for %.128q cannot be read: it needs a username and a password, or an auth that "+
				"is both with a colon between them in base64", name)
		}
		at, named := entryPlace(name)
		if credential := credentialOf(entry); named && credential != (registry.Credential{}) {
			found = append(found, key{place: at, credential: credential})
		}
	}
	return found, nil
}

func credentialOf(entry authn.AuthConfig) registry.Credential {
	return registry.Credential{
		Username: entry.Username, Password: entry.Password,
		IdentityToken: entry.IdentityToken, RegistryToken: entry.RegistryToken,
	}
}

// entriesOf finds the entries in either of the two forms that Kubernetes knows.
func entriesOf(secret *corev1.Secret) (config, error) {
	switch secret.Type {
	case corev1.SecretTypeDockerConfigJson:
		var file struct {
			Auths config `json:"auths"`
		}
		err := unmarshal(secret, corev1.DockerConfigJsonKey, &file)
		return file.Auths, err
	case corev1.SecretTypeDockercfg:
		var entries config
		err := unmarshal(secret, corev1.DockerConfigKey, &entries)
		return entries, err
	}
	return nil, fmt.Errorf("it has the type %.64q, and needs %s or %s: make it with \"kubectl create secret docker-registry\"",
		secret.Type, corev1.SecretTypeDockerConfigJson, corev1.SecretTypeDockercfg)
}

func unmarshal(secret *corev1.Secret, name string, into any) error {
	value, ok := secret.Data[name]
	switch {
	case !ok:
		return fmt.Errorf("it has no key %s", name)
	case len(value) > maxConfig:
		return fmt.Errorf("its key %s has more than %d bytes", name, maxConfig)
	case json.Unmarshal(value, into) != nil:
		return errors.New("its key " + name + " is not a file of credentials, which is a JSON object with an entry for each registry")
	}
	return nil
}
