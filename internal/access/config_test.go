package access

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/respin-dev/respin/internal/registry"
)

// login is a Secret in the form that kubectl makes.
func login(auths string) *corev1.Secret {
	return &corev1.Secret{
		Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":` + auths + `}`)},
	}
}

// oldLogin is one in the form before that.
func oldLogin(auths string) *corev1.Secret {
	return &corev1.Secret{
		Type: corev1.SecretTypeDockercfg,
		Data: map[string][]byte{corev1.DockerConfigKey: []byte(auths)},
	}
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestReadsCredentialsInEveryForm(t *testing.T) {
	me := registry.Credential{Username: "me", Password: "hunter2"}
	for sentence, c := range map[string]struct {
		entry string
		want  registry.Credential
	}{
		"a username and a password":          {`{"username": "me", "password": "hunter2"}`, me},
		"with an address":                    {`{"username": "me", "password": "hunter2", "email": "me@example.com"}`, me},
		"both in base64":                     {`{"auth": "` + encoded("me:hunter2") + `"}`, me},
		"both in base64 without its padding": {`{"auth": "` + strings.TrimRight(encoded("me:hunter2"), "=") + `"}`, me},
		"both in either form":                {`{"username": "x", "password": "y", "auth": "` + encoded("me:hunter2") + `"}`, me},
		"a password with a colon": {
			`{"auth": "` + encoded("me:hunter:2") + `"}`, registry.Credential{Username: "me", Password: "hunter:2"},
		},
		"an identity token": {
			`{"auth": "` + encoded("00000000-0000-0000-0000-000000000000:") + `", "identitytoken": "it"}`,
			registry.Credential{Username: "00000000-0000-0000-0000-000000000000", IdentityToken: "it"},
		},
		"a registry token":     {`{"registrytoken": "rt"}`, registry.Credential{RegistryToken: "rt"}},
		"nothing":              {`{}`, registry.Credential{}},
		"null":                 {`null`, registry.Credential{}},
		"what nobody knows of": {`{"auth": "", "more": [1]}`, registry.Credential{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			auths := `{"registry.example.com": ` + c.entry + `}`
			for _, secret := range []*corev1.Secret{login(auths), oldLogin(auths)} {
				found, err := keys(secret)
				if err != nil {
					t.Fatal(err)
				}
				got, ok := newKeyring(found).For("registry.example.com/app")
				if got != c.want || ok != (c.want != registry.Credential{}) {
					t.Errorf("%s: got another credential (%t)", secret.Type, ok)
				}
			}
		})
	}
}

func TestOfTwoEntriesThatMeanTheSameItIsAlwaysTheSameOne(t *testing.T) {
	for range 20 {
		found, err := keys(login(`{"https://index.docker.io/v1/": {"auth": "` + encoded("url:x") + `"},
			"docker.io": {"auth": "` + encoded("short:x") + `"}, "index.docker.io": {"auth": "` + encoded("index:x") + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := newKeyring(found).For("docker.io/library/debian"); got.Username != "short" {
			t.Fatalf("got %q", got.Username)
		}
	}
}

func TestSaysWhatIsWrongWithASecret(t *testing.T) {
	const secret = "hunter2"
	with := func(data map[string][]byte) *corev1.Secret {
		return &corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: data}
	}
	for sentence, c := range map[string]struct {
		secret *corev1.Secret
		want   string
	}{
		"another type": {
			&corev1.Secret{Type: corev1.SecretTypeOpaque, Data: login(`{}`).Data},
			`it has the type "Opaque", and needs kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg`,
		},
		"without its key":       {with(nil), "it has no key .dockerconfigjson"},
		"the other form's key":  {with(oldLogin(`{}`).Data), "it has no key .dockerconfigjson"},
		"an empty value":        {with(map[string][]byte{".dockerconfigjson": {}}), "its key .dockerconfigjson is not a file of credentials"},
		"no JSON":               {with(map[string][]byte{".dockerconfigjson": []byte(secret)}), "is not a file of credentials"},
		"JSON that is cut off":  {with(map[string][]byte{".dockerconfigjson": []byte(`{"auths": {"r": {"auth": "hunter2`)}), "is not a file of credentials"},
		"a list":                {login(`["hunter2"]`), "is not a file of credentials"},
		"the old form, no JSON": {oldLogin(secret), "its key .dockercfg is not a file of credentials"},
		"a value too large": {
			with(map[string][]byte{".dockerconfigjson": []byte(`{"auths": {}, "x": "` + strings.Repeat("x", maxConfig) + `"}`)}),
			"has more than 1048576 bytes",
		},
		"an entry that is no object":      {login(`{"registry.example.com": "hunter2"}`), `the entry for "registry.example.com" cannot be read`},
		"an auth that is no base64":       {login(`{"registry.example.com": {"auth": "me:hunter2"}}`), `the entry for "registry.example.com" cannot be read`},
		"an auth without a colon":         {login(`{"registry.example.com": {"auth": "` + encoded(secret) + `"}}`), `the entry for "registry.example.com" cannot be read`},
		"a password that is a number":     {login(`{"registry.example.com": {"username": "me", "password": 2}}`), "cannot be read"},
		"an entry with a name too long":   {login(`{"` + strings.Repeat("r", 1000) + `": {"auth": "x"}}`), `rrr" cannot be read`},
		"one entry of several":            {login(`{"a.example.com": {}, "b.example.com": {"auth": "?"}}`), `the entry for "b.example.com"`},
		"an entry whose name is escaped":  {login(`{"a\n.example.com": {"auth": "?"}}`), `the entry for "a\n.example.com"`},
		"an entry in the old form, alike": {oldLogin(`{"b.example.com": {"auth": "?"}}`), `the entry for "b.example.com"`},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := keys(c.secret)
			text := fmt.Sprint(err)
			if err == nil || !strings.Contains(text, c.want) || len(text) > 400 {
				t.Errorf("got %q, want it to say %q", text, c.want)
			}
			if strings.Contains(text, secret) || strings.Contains(text, encoded(secret)) {
				t.Errorf("%q tells what is in the Secret", text)
			}
		})
	}
}
