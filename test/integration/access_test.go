//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/registry"
)

// secret makes a Secret with one value.
func secret(t *testing.T, ns, name string, of corev1.SecretType, key, value string) {
	t.Helper()
	create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Type:       of, StringData: map[string]string{key: value},
	})
}

// login makes a Secret with credentials for a registry, or a part of one.
func login(t *testing.T, ns, name, place, username string) {
	t.Helper()
	secret(t, ns, name, corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey,
		fmt.Sprintf(`{"auths": {%q: {"username": %q, "password": "hunter2"}}}`, place, username))
}

func account(t *testing.T, ns, name string, pullSecrets ...string) {
	t.Helper()
	a := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
	for _, s := range pullSecrets {
		a.ImagePullSecrets = append(a.ImagePullSecrets, corev1.LocalObjectReference{Name: s})
	}
	create(t, a)
}

func create(t *testing.T, o client.Object) {
	t.Helper()
	if err := live.Create(t.Context(), o); err != nil {
		t.Fatalf("creating %T %s: %v", o, o.GetName(), err)
	}
}

// username is who credentials are of; empty where there are none.
func username(c registry.Credentials, repository string) string {
	credential, _ := c.For(repository)
	return credential.Username
}

const repository = "registry.example.com/team/app"

func TestCredentialsAreThoseOfThePodsAndTheServiceAccount(t *testing.T) {
	ns := namespace(t)
	login(t, ns, "first", "registry.example.com", "first")
	login(t, ns, "second", "registry.example.com", "second")
	login(t, ns, "team", "registry.example.com/team", "team")
	secret(t, ns, "old", corev1.SecretTypeDockercfg, corev1.DockerConfigKey, `{"registry.example.com": {"username": "old", "password": "x"}}`)
	account(t, ns, "robot", "second", "gone")
	for sentence, c := range map[string]struct {
		wanted     access.Wanted
		pull, push string
	}{
		"none":                                    {},
		"the pods'":                               {access.Wanted{PullSecrets: []string{"first"}}, "first", "first"},
		"the pods', in the older form":            {access.Wanted{PullSecrets: []string{"old"}}, "old", "old"},
		"the account's":                           {access.Wanted{ServiceAccount: "robot"}, "second", "second"},
		"the pods' before the account's":          {access.Wanted{ServiceAccount: "robot", PullSecrets: []string{"first"}}, "first", "first"},
		"the nearest to the repository":           {access.Wanted{PullSecrets: []string{"first", "team"}}, "team", "team"},
		"others to push with":                     {access.Wanted{PullSecrets: []string{"first"}, PushSecret: "team"}, "first", "team"},
		"only some to push with":                  {access.Wanted{PushSecret: "team"}, "", "team"},
		"one that is named twice":                 {access.Wanted{ServiceAccount: "robot", PullSecrets: []string{"second", "second"}}, "second", "second"},
		"one that is gone, and another":           {access.Wanted{PullSecrets: []string{"gone", "", "first"}}, "first", "first"},
		"those of a default account not made yet": {access.Wanted{ServiceAccount: "default", PullSecrets: []string{"first"}}, "first", "first"},
		"one whose name cannot be, and another":   {access.Wanted{PullSecrets: []string{"../first", "first"}}, "first", "first"},
	} {
		t.Run(sentence, func(t *testing.T) {
			a, err := access.Reader{Client: live}.For(t.Context(), ns, c.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if pull, push := username(a.Pull, repository), username(a.Push, repository); pull != c.pull || push != c.push {
				t.Errorf("to pull there are those of %q and to push those of %q, want %q and %q", pull, push, c.pull, c.push)
			}
			if a.Roots != nil {
				t.Error("there are roots that nobody named")
			}
		})
	}
}

func TestWhatIsMissingOrOfNoUseIsSaid(t *testing.T) {
	ns := namespace(t)
	secret(t, ns, "opaque", corev1.SecretTypeOpaque, "password", "hunter2")
	secret(t, ns, "kept-elsewhere", corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey,
		`{"auths": {"registry.example.com": {}}, "credsStore": "desktop"}`)
	secret(t, ns, "broken", corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, `{"auths": {"registry.example.com": {"auth": "hunter2"}}}`)
	secret(t, ns, "key", corev1.SecretTypeOpaque, "ca.crt", "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n")
	many := make([]string, 65)
	for i := range many {
		many[i] = fmt.Sprint("s", i)
	}
	for sentence, c := range map[string]struct {
		wanted access.Wanted
		kind   access.Kind
		says   string
	}{
		"no such account":             {access.Wanted{ServiceAccount: "robot"}, access.NotFound, "ServiceAccount {ns}/robot: it does not exist"},
		"no such Secret to push with": {access.Wanted{PushSecret: "push"}, access.NotFound, "Secret {ns}/push: it does not exist"},
		"no such certificates":        {access.Wanted{CertSecret: "ca"}, access.NotFound, "Secret {ns}/ca: it does not exist"},
		"another type to pull with":   {access.Wanted{PullSecrets: []string{"opaque"}}, access.Invalid, `Secret {ns}/opaque: it has the type "Opaque", and needs kubernetes.io/dockerconfigjson`},
		"another type to push with":   {access.Wanted{PushSecret: "opaque"}, access.Invalid, `Secret {ns}/opaque: it has the type "Opaque"`},
		"nothing to push with":        {access.Wanted{PushSecret: "kept-elsewhere"}, access.Invalid, "Secret {ns}/kept-elsewhere: it holds no credential to push with"},
		"an entry that is broken":     {access.Wanted{PullSecrets: []string{"broken"}}, access.Invalid, `Secret {ns}/broken: the entry for "registry.example.com" cannot be read`},
		"no certificate":              {access.Wanted{CertSecret: "opaque"}, access.Invalid, "Secret {ns}/opaque: it has no key ca.crt"},
		"a key for a certificate":     {access.Wanted{CertSecret: "key"}, access.Invalid, "Secret {ns}/key: block 1 of its key ca.crt is no certificate"},
		"too many":                    {access.Wanted{PullSecrets: many}, access.Invalid, "65 imagePullSecrets"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := access.Reader{Client: live}.For(t.Context(), ns, c.wanted)
			if access.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), strings.ReplaceAll(c.says, "{ns}", ns)) {
				t.Errorf("got %v (%s)", err, access.KindOf(err))
			}
			if strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("%v tells what is in a Secret", err)
			}
		})
	}
}

func TestCredentialsThatAreKeptElsewhereAreNoneToPullWith(t *testing.T) {
	ns := namespace(t)
	secret(t, ns, "kept-elsewhere", corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, `{"credsStore": "desktop"}`)
	a, err := access.Reader{Client: live}.For(t.Context(), ns, access.Wanted{PullSecrets: []string{"kept-elsewhere"}})
	if _, found := a.Pull.For(repository); err != nil || found {
		t.Errorf("got some (%t) and %v", found, err)
	}
}

// The reader of this test may read every namespace: what keeps it to one is itself.
func TestNoNameReachesAnotherNamespace(t *testing.T) {
	mine, other := namespace(t), namespace(t)
	login(t, other, "login", "registry.example.com", "other")
	account(t, other, "robot", "login")
	account(t, mine, "trusting", "login", "../../"+other+"/secrets/login", other+"/login")
	for _, name := range []string{
		"login", other + "/login", "../" + other + "/login", "../../" + other + "/secrets/login",
		"..%2F..%2F" + other + "%2Fsecrets%2Flogin", "login?namespace=" + other, ".", "..", "login/", "LOGIN",
	} {
		r := access.Reader{Client: live}
		a, err := r.For(t.Context(), mine, access.Wanted{ServiceAccount: "trusting", PullSecrets: []string{name}})
		if err != nil || username(a.Pull, repository) != "" {
			t.Errorf("to pull with %q there are those of %q (%v)", name, username(a.Pull, repository), err)
		}
		for _, wanted := range []access.Wanted{{PushSecret: name}, {CertSecret: name}, {ServiceAccount: name + "/robot"}} {
			if _, err := r.For(t.Context(), mine, wanted); access.KindOf(err) != access.NotFound {
				t.Errorf("%+v: got %v", wanted, err)
			}
		}
	}
	if _, err := (access.Reader{Client: live}).For(t.Context(), "", access.Wanted{PushSecret: "login"}); err == nil {
		t.Error("credentials of no namespace were read")
	}
}

func TestAnAPIServerThatDoesNotAnswerIsNobodysMistake(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := access.Reader{Client: live}.For(ctx, namespace(t), access.Wanted{ServiceAccount: "robot"})
	if !errors.Is(err, context.Canceled) || access.KindOf(err) != "" {
		t.Errorf("got %v (%s)", err, access.KindOf(err))
	}
}
