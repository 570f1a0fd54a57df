//go:build integration

package integration

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/registry"
)

const operatorAccount = "system:serviceaccount:respin-system:respin-controller-manager"

// asOperator reads as the operator's account does, with the rights that config/rbac gives it.
func asOperator(t *testing.T) access.Reader {
	t.Helper()
	c, err := client.New(operatorsConfig(t), client.Options{Scheme: scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return access.Reader{Client: c}
}

// operatorsConfig connects as the operator's account, with the rights that config/rbac gives it everywhere.
func operatorsConfig(t *testing.T) *rest.Config {
	t.Helper()
	for _, file := range []string{"role.yaml", "registry_credentials_role.yaml"} {
		for _, role := range objects(t, filepath.Join("..", "..", "config", "rbac", file)) {
			role.SetName("respin-" + role.GetName())
			ensure(t, role)
		}
	}
	ensure(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "respin-manager-rolebinding"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "respin-manager-role"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: operatorAccount}},
	})
	return as(operatorAccount, "system:serviceaccounts", "system:serviceaccounts:respin-system", "system:authenticated")
}

// as connects as somebody.
func as(user string, groups ...string) *rest.Config {
	c := rest.CopyConfig(config)
	c.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return c
}

// granted reads what the operator was just let read: the API server takes a moment to know of a right.
func granted(t *testing.T, r access.Reader, ns string, wanted access.Wanted) (a registry.Access) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		var err error
		if a, err = r.For(ctx, ns, wanted); access.KindOf(err) == access.Forbidden {
			return false, nil
		}
		return true, err
	})
	if err != nil {
		t.Fatalf("reading what was granted: %v", err)
	}
	return a
}

func ensure(t *testing.T, o client.Object) {
	t.Helper()
	if err := live.Create(t.Context(), o); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("creating %s: %v", o.GetName(), err)
	}
}

// objects reads what a file of manifests declares.
func objects(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096); ; {
		o := &unstructured.Unstructured{}
		if err := decoder.Decode(o); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("reading %s: %v", file, err)
		}
		if len(o.Object) > 0 {
			all = append(all, o)
		}
	}
}

// apply makes what a sample declares, in a namespace of the test's.
func apply(t *testing.T, sample, ns string) {
	t.Helper()
	for _, o := range objects(t, filepath.Join("..", "..", "config", "samples", sample)) {
		o.SetNamespace(ns)
		if err := client.WithFieldValidation(live, "Strict").Create(t.Context(), o); err != nil {
			t.Fatalf("creating %s %s of %s: %v", o.GetKind(), o.GetName(), sample, err)
		}
	}
}

func TestTheSampleGivesTheOperatorItsSecretsAndNoOther(t *testing.T) {
	r, ns := asOperator(t), namespace(t)
	apply(t, "credentials.yaml", ns)
	login(t, ns, "another", "registry.example.com", "another")
	policy := &respinv1alpha1.PatchPolicy{}
	if err := live.Get(t.Context(), client.ObjectKey{Namespace: ns, Name: "private"}, policy); err != nil {
		t.Fatal(err)
	}

	output := policy.Spec.Images[0].Output
	a := granted(t, r, ns, access.Of(policy, output, nil))
	pull, push := username(a.Pull, "registry.example.com/base/debian"), username(a.Push, output.Repository)
	if pull != "payments-pull" || push != "payments-push" || len(a.Roots) == 0 {
		t.Errorf("to pull there are those of %q, to push those of %q, and %d bytes of roots", pull, push, len(a.Roots))
	}
	if _, err := r.For(t.Context(), ns, access.Wanted{PullSecrets: []string{"another"}}); access.KindOf(err) != access.Forbidden {
		t.Errorf("a Secret that the Role does not name: got %v", err)
	}
}

func TestTheOtherSampleGivesTheOperatorEverySecretOfTheNamespaceAlone(t *testing.T) {
	r, ns, other := asOperator(t), namespace(t), namespace(t)
	apply(t, "credentials_any_secret.yaml", ns)
	for _, in := range []string{ns, other} {
		login(t, in, "login", "registry.example.com", "me")
	}
	if a := granted(t, r, ns, access.Wanted{PushSecret: "login"}); username(a.Push, repository) != "me" {
		t.Errorf("to push there are those of %q", username(a.Push, repository))
	}
	if _, err := r.For(t.Context(), other, access.Wanted{PushSecret: "login"}); access.KindOf(err) != access.Forbidden {
		t.Errorf("in another namespace: got %v", err)
	}
}

// What the message says is run as it stands.
func TestASecretThatMayNotBeReadSaysHowToLetIt(t *testing.T) {
	r, ns := asOperator(t), namespace(t)
	login(t, ns, "login", "registry.example.com", "me")
	account(t, ns, "robot", "login")
	wanted := access.Wanted{ServiceAccount: "robot"}

	granted(t, r, ns, access.Wanted{ServiceAccount: "default"}) // what it may read without being let
	_, err := r.For(t.Context(), ns, wanted)
	if access.KindOf(err) != access.Forbidden || !strings.HasPrefix(err.Error(), "Secret "+ns+"/login: the operator may not read it") {
		t.Fatalf("got %v", err)
	}
	_, command, found := strings.Cut(err.Error(), "kubectl ")
	if !found {
		t.Fatalf("%v names no command", err)
	}
	kubectl(t, strings.Fields(command)...)

	if a := granted(t, r, ns, wanted); username(a.Pull, repository) != "me" {
		t.Errorf("once that was done there are those of %q", username(a.Pull, repository))
	}
}
