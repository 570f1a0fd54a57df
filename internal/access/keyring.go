package access

import (
	"fmt"
	"slices"

	"github.com/respin-dev/respin/internal/registry"
)

// keyring is registry.Credentials made of Secrets: keys with the place each is for, those that say more first.
type keyring []key

// key is one entry of a Secret.
type key struct {
	place      place
	credential registry.Credential
}

// newKeyring puts the keys in order. Of two for the same place the earlier one is used.
func newKeyring(keys []key) keyring {
	sorted := slices.Clone(keys)
	slices.SortStableFunc(sorted, func(a, b key) int { return a.place.compare(b.place) })
	return sorted
}

// For gives the credential of the place that is nearest to a repository, registry included. For a registry's host alone
// it is one for the whole registry.
func (r keyring) For(repository string) (registry.Credential, bool) {
	at := repositoryPlace(repository)
	for i := range r {
		if r[i].place.holds(at) {
			return r[i].credential, true
		}
	}
	return registry.Credential{}, false
}

// Format keeps what is in a keyring out of logs and errors, whatever the verb.
func (r keyring) Format(to fmt.State, _ rune) { fmt.Fprintf(to, "%d keys", len(r)) }
