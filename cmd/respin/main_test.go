package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/image"
)

// shop is a registry with a base that has moved, and apps on it.
type shop struct {
	t    *testing.T
	host string
	old  v1.Image
}

func newShop(t *testing.T) shop {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", t.TempDir()) // nobody's credentials
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	s := shop{t: t, host: strings.TrimPrefix(server.URL, "http://")}
	s.old = s.image(empty.Image, map[string]string{"etc/motd": "one", "bin/tool": "tool"})
	s.push("base:12", s.old)
	s.push("app:1", s.on("base:12", map[string]string{"srv/app": "app"}))
	s.push("app:rewriting", s.on("base:12", map[string]string{"etc/motd": "mine"}))
	s.push("base:12", s.image(empty.Image, map[string]string{"etc/motd": "two", "bin/tool": "tool"}))
	s.push("app:current", s.on("base:12", map[string]string{"srv/app": "app"}))
	s.push("app:strange", s.image(empty.Image, map[string]string{"srv/app": "app"}))
	return s
}

func (s shop) ref(tag string) name.Reference {
	s.t.Helper()
	ref, err := name.ParseReference(s.host+"/"+tag, name.Insecure)
	s.must(err)
	return ref
}

func (s shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s shop) push(tag string, i v1.Image) {
	s.t.Helper()
	s.must(remote.Write(s.ref(tag), i))
}

// image is one more layer with files.
func (s shop) image(below v1.Image, files map[string]string) v1.Image {
	s.t.Helper()
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	for path, content := range files {
		s.must(w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(content))}))
		_, err := w.Write([]byte(content))
		s.must(err)
	}
	s.must(w.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(raw.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
	s.must(err)
	made, err := mutate.AppendLayers(mutate.MediaType(below, types.OCIManifestSchema1), layer)
	s.must(err)
	config, err := made.ConfigFile()
	s.must(err)
	config.OS, config.Architecture = "linux", "amd64"
	made, err = mutate.ConfigFile(made, config)
	s.must(err)
	return made
}

// on is an app on a base as that is now, which tells so.
func (s shop) on(base string, files map[string]string) v1.Image {
	s.t.Helper()
	below, err := remote.Image(s.ref(base))
	s.must(err)
	digest, err := below.Digest()
	s.must(err)
	annotated, ok := mutate.Annotations(s.image(below, files), map[string]string{
		image.AnnotationBaseName: s.host + "/" + base, image.AnnotationBaseDigest: digest.String(),
	}).(v1.Image)
	if !ok {
		s.t.Fatal("an annotated image is no image")
	}
	return annotated
}

// run runs the command, with the registry known for plain HTTP, and gives its code and what it said.
func (s shop) run(args ...string) (code int, out, complaints string) {
	var said, complained bytes.Buffer
	flags := []string{"--plain-http", s.host, "--layer-facts-dir", s.t.TempDir()}
	code = run(s.t.Context(), append(args, flags...), &said, &complained)
	return code, said.String(), complained.String()
}

func TestPlan(t *testing.T) {
	s := newShop(t)
	for sentence, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"an image that is current":            {[]string{"app:current"}, exitDone, "Nothing is to be done"},
		"one that is behind, and fits":        {[]string{"app:1"}, exitBehind, "It would be rebased, with 4 requests to write"},
		"one that is behind, and does not":    {[]string{"app:rewriting"}, exitRefused, "refused  paths"},
		"one whose owner knows better":        {[]string{"app:rewriting", "--allow", "paths"}, exitBehind, "waived"},
		"one whose base is named":             {[]string{"app:1", "--base", s.host + "/base:12"}, exitBehind, "Declared"},
		"one of which nothing is known":       {[]string{"app:strange"}, exitFailed, "base is not known"},
		"one that is not there":               {[]string{"app:none"}, exitFailed, "does not have it"},
		"a reference that is none":            {[]string{"app:1:2"}, exitUsage, "cannot be read"},
		"a base that never moves":             {[]string{"app:1", "--base", "debian@sha256:" + strings.Repeat("0", 64)}, exitUsage, "never moves"},
		"a check that cannot be waived":       {[]string{"app:1", "--allow", "layers"}, exitUsage, "copied-files"},
		"a form that there is not":            {[]string{"app:1", "-o", "yaml"}, exitUsage, "neither text nor json"},
		"a flag that there is not":            {[]string{"app:1", "--force"}, exitUsage, "unknown flag"},
		"an authority's file that is missing": {[]string{"app:1", "--certificate-authority", "/none"}, exitFailed, "--certificate-authority"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, out, complaints := s.run(append([]string{"plan", s.host + "/" + test.args[0]}, test.args[1:]...)...)
			if code != test.code || !strings.Contains(out+complaints, test.says) {
				t.Errorf("it ended with %d and said %s%s", code, out, complaints)
			}
			if told := complaints != ""; told != (test.code == exitFailed || test.code == exitUsage) {
				t.Errorf("it complained: %s", complaints)
			}
		})
	}
}

func TestTheCommandLineIsWrong(t *testing.T) {
	s := newShop(t)
	for sentence, args := range map[string][]string{
		"no image":                  {"plan"},
		"two images":                {"plan", "a", "b"},
		"a command that is none":    {"patch", "a"},
		"nowhere to push to":        {"rebase", s.host + "/app:1"},
		"a digest to push to":       {"rebase", s.host + "/app:1", "-t", "a@sha256:" + strings.Repeat("0", 64)},
		"a place that is none":      {"rebase", s.host + "/app:1", "-t", "A B"},
		"a tag of a place but none": {"rebase", s.host + "/app:1", "-t", ":1"},
	} {
		t.Run(sentence, func(t *testing.T) {
			if code, out, complaints := s.run(args...); code != exitUsage || !strings.Contains(complaints, "--help") {
				t.Errorf("it ended with %d and said %s%s", code, out, complaints)
			}
		})
	}
}

func TestPlanInJSONHasWhatTheTextHas(t *testing.T) {
	s := newShop(t)
	code, out, _ := s.run("plan", s.host+"/app:1", "-o", "json")
	var told told
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitBehind {
		t.Fatalf("it ended with %d and said %s: %v", code, out, err)
	}
	digest, err := s.old.Digest()
	s.must(err)
	if told.Base.From != digest.String() || told.Base.Evidence != "Annotations" || told.Base.Certainty != "Proven" {
		t.Errorf("the base is %+v", told.Base)
	}
	if !told.Behind || told.Method != "Rebase" || len(told.Platforms) != 1 || len(told.Checks) < 10 || len(told.Requests) != 4 {
		t.Errorf("it tells %+v", told)
	}
	if tags, err := remote.List(s.ref("app:1").Context()); err != nil || len(tags) != 4 {
		t.Errorf("a plan has written: the tags are %v, %v", tags, err)
	}
}

func TestRebase(t *testing.T) {
	s := newShop(t)
	code, out, complaints := s.run("rebase", s.host+"/app:1", "--base", s.host+"/base:12", "-t", s.host+"/app:patched", "-o", "json")
	var told told
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitDone {
		t.Fatalf("it ended with %d and said %s%s: %v", code, out, complaints, err)
	}
	pushed, err := remote.Head(s.ref("app:patched"))
	s.must(err)
	if want := s.host + "/app:patched@" + pushed.Digest.String(); told.Output != want {
		t.Errorf("it says it pushed %s, and pushed %s", told.Output, want)
	}
	if code, out, _ := s.run("plan", s.host+"/app:patched"); code != exitDone {
		t.Errorf("the result is not current: %s", out)
	}
	for tag, code := range map[string]int{"app:current": exitDone, "app:rewriting": exitRefused} {
		if got, out, _ := s.run("rebase", s.host+"/"+tag, "-t", s.host+"/app:never"); got != code {
			t.Errorf("for %s it ended with %d and said %s", tag, got, out)
		}
	}
	if _, err := remote.Head(s.ref("app:never")); err == nil {
		t.Error("what is current or refused was pushed")
	}
}
