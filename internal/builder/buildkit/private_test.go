//go:build integration

package buildkit_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/builder"
)

// by gives each registry's credentials for whatever is on it.
func by(registries ...*locked) func(string) (string, string) {
	return func(repository string) (string, string) {
		for _, l := range registries {
			if repository == l.host || strings.HasPrefix(repository, l.host+"/") {
				return l.username, l.password
			}
		}
		return "", ""
	}
}

func TestReadsAndPushesWithCredentials(t *testing.T) {
	daemon := ownDaemon(t)
	for sentence, l := range map[string]*locked{
		"a registry that wants a password":          newLocked(t, "robot-w3rk", "pa55-"+unique(), byPassword),
		"a registry that gives tokens for password": newLocked(t, "robot-w3rk", "pa55-"+unique(), byToken),
		"a registry that gives tokens for a token":  newLocked(t, "", "identity-"+unique(), byToken),
	} {
		t.Run(sentence, func(t *testing.T) {
			moved := l.push(t, moveBase(t), "some/base")
			req := onBase("FROM "+moved.reference+"\nRUN echo built > /built\n", moved, l.host+"/some/app:1")
			req.Credentials = by(l)
			_, err := builderOn(t, daemon).Build(t.Context(), req, nil)
			must(t, err)

			index, err := remote.Index(parse(t, req.Output), l.auth())
			must(t, err)
			if got := readFile(t, child(t, index, "linux/amd64"), "built"); got != "built" {
				t.Errorf("it holds %q", got)
			}
			wantNothingOf(t, index, l.password, "robot-w3rk")
		})
	}
}

// wantNothingOf reads all that was pushed but the layers, whose content the Dockerfile decides.
func wantNothingOf(t *testing.T, index v1.ImageIndex, secrets ...string) {
	t.Helper()
	raw, err := index.RawManifest()
	must(t, err)
	texts := []string{string(raw), provenance(t, index)}
	for _, d := range mustIndexManifest(t, index).Manifests {
		image, err := index.Image(d.Digest)
		must(t, err)
		manifest, err := image.RawManifest()
		must(t, err)
		config, err := image.RawConfigFile()
		must(t, err)
		texts = append(texts, string(manifest), string(config))
	}
	for _, secret := range secrets {
		if text := strings.Join(texts, "\n"); secret != "" && contains(text, secret) {
			t.Errorf("what was pushed tells a credential: %s", text)
		}
	}
}

func TestEachRegistryIsShownItsOwnCredentialsOnly(t *testing.T) {
	base := newLocked(t, "base", "pa55-"+unique(), byPassword)
	tools := newLocked(t, "tools", "pa55-"+unique(), byToken)
	out := newLocked(t, "out", "pa55-"+unique(), byToken)
	open := newLocked(t, "", "", anyone)
	moved := base.push(t, moveBase(t), "some/base")
	files := tools.push(t, moveBase(t), "some/tools")
	free := open.push(t, moveBase(t), "some/free")

	req := onBase(strings.Join([]string{
		"FROM " + moved.reference,
		"COPY --from=" + files.reference + " /version /tools",
		"COPY --from=" + free.reference + " /version /free",
	}, "\n"), moved, out.host+"/some/app:1")
	req.Credentials = by(base, tools, out)
	_, err := builderOn(t, ownDaemon(t)).Build(t.Context(), req, nil)
	must(t, err)

	for _, l := range []*locked{base, tools, out, open} {
		for _, other := range []*locked{base, tools, out} {
			if l != other && l.wasShown(other.password) {
				t.Errorf("the registry of %q was shown the password of %q", l.username, other.username)
			}
		}
	}
	if len(open.shown) == 0 {
		t.Error("the open registry was not asked at all")
	}
}

func TestWrongCredentialsFailTheBuildAndAreNotTold(t *testing.T) {
	daemon := ownDaemon(t)
	for sentence, open := range map[string]func(*locked, http.ResponseWriter, *http.Request) bool{
		"a registry that wants a password": byPassword,
		"a registry that gives tokens":     byToken,
	} {
		l := newLocked(t, "robot-w3rk", "pa55-"+unique(), open)
		moved := l.push(t, moveBase(t), "some/base")
		wrong := func(string) (string, string) { return "robot-w3rk", "wrong-secret" }

		t.Run(sentence+", to read", func(t *testing.T) {
			req := onBase("FROM "+moved.reference+"\n", moved, output(t))
			req.Credentials = wrong
			_, err := builderOn(t, daemon).Build(t.Context(), req, nil)
			t.Log(err)
			var failed *builder.FailedError
			if !errors.As(err, &failed) || failed.Temporary || contains(err.Error(), "wrong-secret") || contains(err.Error(), "robot-w3rk") {
				t.Errorf("got %v", err)
			}
		})
		t.Run(sentence+", to push", func(t *testing.T) {
			open := moveBase(t)
			req := onBase("FROM "+open.reference+"\n", open, l.host+"/some/app:1")
			req.Credentials = wrong
			_, err := builderOn(t, daemon).Build(t.Context(), req, nil)
			t.Log(err)
			var refused *builder.PushError
			if !errors.As(err, &refused) || refused.Temporary || contains(err.Error(), "wrong-secret") || contains(err.Error(), "robot-w3rk") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A daemon keeps what it pulled. Who names it by its tag gets it with credentials only; a digest is taken for a proof
// that one may have it, which no setting of BuildKit changes.
func TestABuildWithoutCredentialsDoesNotGetByTagWhatOneWithThemPulled(t *testing.T) {
	b := builderOn(t, ownDaemon(t))
	l := newLocked(t, "robot", "pa55-"+unique(), byToken)
	moved, private := moveBase(t), l.push(t, moveBase(t), "some/private")
	build := func(credentials func(string) (string, string)) error {
		req := onBase("FROM "+moved.reference+"\nCOPY --from="+private.reference+" /version /copied\n", moved, output(t))
		req.Credentials = credentials
		_, err := b.Build(t.Context(), req, nil)
		return err
	}
	must(t, build(by(l)))
	for sentence, credentials := range map[string]func(string) (string, string){
		"without credentials":    nil,
		"with wrong credentials": func(string) (string, string) { return "robot", "wrong" },
	} {
		var failed *builder.FailedError
		if err := build(credentials); !errors.As(err, &failed) || !contains(failed.Reason, "401") {
			t.Errorf("%s: got %v", sentence, err)
		}
	}
}
