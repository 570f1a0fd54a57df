//go:build e2e

package e2e

import (
	"net"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/test/authregistry"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
)

const (
	pullSecret, pushSecret, caSecret = "registry-pull", "registry-push", "registry-ca"
	// operatorAccount is the operator's ServiceAccount.
	operatorAccount = "respin-controller-manager"
)

// private is a world whose images are in a registry that wants a login and has a certificate of a private authority.
type private struct {
	*world
	registry *authregistry.Registry
}

// newPrivate starts the registry at one of the addresses that are kept for that, and its token server at the next.
func newPrivate(t *testing.T, login authregistry.Login, at int) *private {
	t.Helper()
	registry := loginRegistry(t, login, at)
	n := cluster.NewNamespace(t)
	w := &private{&world{Namespace: n, Shelf: images.NewShelfBehindLogin(t, registry, n.Name, "developer"), t: t}, registry}
	w.secret(pullSecret, corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, registry.DockerConfig("node"))
	w.secret(pushSecret, corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, registry.DockerConfig("patcher"))
	w.secret(caSecret, corev1.SecretTypeOpaque, "ca.crt", registry.CA)
	return w
}

// loginRegistry starts a registry that wants a login.
func loginRegistry(t *testing.T, login authregistry.Login, at int) *authregistry.Registry {
	t.Helper()
	addresses := strings.Split(cluster.SkipWithout(t, cluster.LoginRegistries), ",")
	options := authregistry.Options{
		IP: cluster.SkipWithout(t, cluster.HostIP), Login: login, CADir: cluster.SkipWithout(t, cluster.RegistryCADir),
		Port: port(t, addresses[at]),
		Accounts: []authregistry.Account{
			{Name: "developer", Password: "writes-everything", Pull: []string{"*/*"}, Push: []string{"*/*"}},
			{Name: "node", Password: "reads-everything", Pull: []string{"*/*"}},
			{Name: "patcher", Password: "writes-the-app", Pull: []string{"*/*"}, Push: []string{"*/app"}},
		},
	}
	if login == authregistry.Token {
		options.TokenPort = port(t, addresses[at+1])
	}
	return authregistry.Start(t, options)
}

func port(t *testing.T, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func (w *private) secret(name string, kind corev1.SecretType, key string, value []byte) {
	w.t.Helper()
	w.Make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Type: kind, Data: map[string][]byte{key: value}})
}

// trusts lets the operator read the namespace's Secrets.
func (w *private) trusts() {
	w.t.Helper()
	w.Make(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: access.Role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: access.Role},
		Subjects: []rbacv1.Subject{{
			Kind: rbacv1.ServiceAccountKind, Name: operatorAccount, Namespace: cluster.OperatorNamespace,
		}},
	})
}

// pulled has pods pulled with the node's account.
func pulled(template *corev1.PodTemplateSpec) {
	template.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: pullSecret}}
}

func (w *private) policy(app images.App) *respinv1alpha1.PatchPolicy {
	rule := auto(app)
	rule.Output = &respinv1alpha1.OutputSpec{
		Repository: app.Repository, PushSecretRef: &respinv1alpha1.SecretReference{Name: pushSecret},
	}
	policy := newPolicy("app", rule)
	policy.Spec.CertSecretRef = &respinv1alpha1.SecretReference{Name: caSecret}
	return policy
}

// A private registry, behind a password or behind tokens, over TLS by a private authority: with what the namespace gives
// the image is read, rebased, pushed with the push secret, and pulled by the node.
func TestAnImageInAPrivateRegistryIsPatched(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]struct {
		login authregistry.Login
		at    int
	}{
		"behind a password": {authregistry.Basic, 0},
		"behind tokens":     {authregistry.Token, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPrivate(t, login.login, login.at)
			w.trusts()
			base := w.NewBase("base", "one")
			app := w.App("app", base, "RUN mkdir /data && echo app > /data/app")
			workload, policy := cluster.Deployment("app", app.Reference, pulled), w.policy(app)
			w.current(policy, workload)
			w.followsTo(workload, policy, app, base, "two")
			if run := w.runFor(cluster.Image(workload)); run.Spec.Method != respinv1alpha1.MethodRebase {
				t.Errorf("the method is %s: %s", run.Spec.Method, run.Spec.MethodReason)
			}
		})
	}
}

// Without the namespace's leave the operator reads no Secret; it says what is to be done, and goes on when it is.
func TestAPrivateRegistryWantsTheNamespacesLeave(t *testing.T) {
	t.Parallel()
	w := newPrivate(t, authregistry.Basic, 4)
	base := w.NewBase("base", "one")
	app := w.App("app", base)
	workload, policy := cluster.Deployment("app", app.Reference, pulled), w.policy(app)
	w.Run(workload)
	w.follow(policy)
	message := w.policySays(policy, respinv1alpha1.ConditionReady, metav1.ConditionFalse, respinv1alpha1.ReasonNoAccess)
	if !strings.Contains(message, "kubectl") || !strings.Contains(message, access.Role) {
		t.Errorf("the policy does not say how to let the operator read the Secret: %s", message)
	}
	w.trusts()
	w.check(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
}
