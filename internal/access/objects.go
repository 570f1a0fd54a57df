package access

import (
	"context"
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Role is the ClusterRole, as config/default installs it, that a namespace binds to let the operator read its Secrets.
const Role = "respin-registry-credentials"

// secret reads one Secret by its name.
func (in room) secret(ctx context.Context, name string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	return secret, in.get(ctx, name, secret, "Secret", grantSecret)
}

// account reads a ServiceAccount. The one that nobody has to name is empty until Kubernetes has made it.
func (in room) account(ctx context.Context, name string) (*corev1.ServiceAccount, error) {
	account := &corev1.ServiceAccount{}
	err := in.get(ctx, name, account, "ServiceAccount", grantAccount)
	if KindOf(err) == NotFound && name == defaultAccount {
		return &corev1.ServiceAccount{}, nil
	}
	return account, err
}

// get reads an object by its name. How to let the operator read it, where it may not, is for grant to say.
func (in room) get(ctx context.Context, name string, into client.Object, what string, grant func(room, error) string) error {
	object := what + " " + in.namespace + "/" + name
	// What is no name cannot be one's in another namespace either.
	if validation.IsDNS1123Subdomain(name) != nil {
		return &Error{Kind: NotFound, Object: fmt.Sprintf("%s %s/%.253q", what, in.namespace, name), Message: "this is no name that an object can have"}
	}
	err := in.Client.Get(ctx, client.ObjectKey{Namespace: in.namespace, Name: name}, into)
	switch {
	case apierrors.IsNotFound(err):
		return &Error{Kind: NotFound, Object: object, Message: "it does not exist: create it, or correct the name"}
	case apierrors.IsForbidden(err):
		return &Error{Kind: Forbidden, Object: object, Message: grant(in, err)}
	case err != nil:
		return fmt.Errorf("reading %s: %w", object, err)
	}
	return nil
}

func (in room) invalid(name string, err error) error {
	return &Error{Kind: Invalid, Object: "Secret " + in.namespace + "/" + name, Message: err.Error()}
}

func grantSecret(in room, err error) string {
	return fmt.Sprintf("the operator may not read it; whoever administers the namespace lets it with: "+
		"kubectl create rolebinding %s --namespace %s --clusterrole %s %s", Role, in.namespace, Role, reader(err))
}

func grantAccount(room, error) string {
	return "the operator may not read it, as its own ClusterRole should let it: apply config/rbac of this version"
}

// user finds, in what the API server says of a right that is missing, who lacks it.
var user = regexp.MustCompile(`User "(?:system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)|([^"]+))"`)

// reader is whom to grant a right, as arguments of kubectl. The API server knows best as whom the operator came.
func reader(err error) string {
	switch who := user.FindStringSubmatch(err.Error()); {
	case who == nil:
		return "--serviceaccount respin-system:respin-controller-manager"
	case who[3] != "":
		return fmt.Sprintf("--user %q", who[3])
	default:
		return "--serviceaccount " + who[1] + ":" + who[2]
	}
}
