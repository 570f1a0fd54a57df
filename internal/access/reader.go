package access

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/respin-dev/respin/internal/registry"
)

const (
	// maxPullSecrets bounds the Secrets that are read at a time.
	maxPullSecrets = 64
	// defaultAccount is the ServiceAccount of who names none. Kubernetes makes it, though not at once.
	defaultAccount = "default"
)

// Reader reads what a namespace gives.
type Reader struct {
	// Client reads from the API server itself. One that caches would have to list every Secret, and keep it.
	Client client.Reader
}

// For reads what is wanted, all of it from one namespace. What is not kept anywhere is read again each time, so that a
// rotated credential is used at once.
//
// A pull secret that does not exist is ignored, for pods are started without it. The error is an *Error or, where the
// API server could not be asked, its.
func (r Reader) For(ctx context.Context, namespace string, w Wanted) (registry.Access, error) {
	if namespace == "" {
		return registry.Access{}, errors.New("reading credentials: there is no namespace to read them from")
	}
	in := room{Reader: r, namespace: namespace}
	pull, err := in.pull(ctx, w)
	if err != nil {
		return registry.Access{}, err
	}
	a := registry.Access{Pull: pull, Push: pull}
	if w.PushSecret != "" {
		if a.Push, err = in.push(ctx, w.PushSecret); err != nil {
			return registry.Access{}, err
		}
	}
	if w.CertSecret != "" {
		if a.Roots, err = in.roots(ctx, w.CertSecret); err != nil {
			return registry.Access{}, err
		}
	}
	return a, nil
}

// room is a namespace, the only one that is read.
type room struct {
	Reader
	namespace string
}

func (in room) pull(ctx context.Context, w Wanted) (keyring, error) {
	names, err := in.pullSecrets(ctx, w)
	if err != nil {
		return nil, err
	}
	var all []key
	for _, name := range names {
		secret, err := in.secret(ctx, name)
		if KindOf(err) == NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		found, err := keys(secret)
		if err != nil {
			return nil, in.invalid(name, err)
		}
		all = append(all, found...)
	}
	return newKeyring(all), nil
}

// pullSecrets are the names of the Secrets to pull with, each once: the pods', then the ServiceAccount's.
func (in room) pullSecrets(ctx context.Context, w Wanted) ([]string, error) {
	names := slices.Clone(w.PullSecrets)
	if w.ServiceAccount != "" {
		account, err := in.account(ctx, w.ServiceAccount)
		if err != nil {
			return nil, err
		}
		for _, secret := range account.ImagePullSecrets {
			names = append(names, secret.Name)
		}
	}
	var each []string
	for _, name := range names {
		if name != "" && !slices.Contains(each, name) {
			each = append(each, name)
		}
	}
	if len(each) > maxPullSecrets {
		return nil, &Error{Kind: Invalid, Object: "Namespace " + in.namespace, Message: fmt.Sprintf(
			"%d imagePullSecrets are named by the ServiceAccount and the pods, more than the %d that are read: put the "+
				"credentials of several registries into one Secret", len(each), maxPullSecrets)}
	}
	return each, nil
}

func (in room) push(ctx context.Context, name string) (keyring, error) {
	secret, err := in.secret(ctx, name)
	if err != nil {
		return nil, err
	}
	found, err := keys(secret)
	if err == nil && len(found) == 0 {
		err = errors.New("it holds no credential to push with: credentials that a helper of Docker's keeps are not in the file")
	}
	if err != nil {
		return nil, in.invalid(name, err)
	}
	return newKeyring(found), nil
}

func (in room) roots(ctx context.Context, name string) ([]byte, error) {
	secret, err := in.secret(ctx, name)
	if err != nil {
		return nil, err
	}
	found, err := roots(secret)
	if err != nil {
		return nil, in.invalid(name, err)
	}
	return found, nil
}
