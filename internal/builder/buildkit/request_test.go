package buildkit

import (
	"errors"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/builder"
)

func goodRequest() builder.Request {
	return builder.Request{
		DockerfileInline: "FROM debian:12",
		Args:             map[string]string{"VERSION": "1"},
		Platforms:        []string{"linux/amd64", "linux/arm64/v8", "linux/arm64"},
		Base:             builder.Base{Reference: "docker.io/library/debian:12", To: digestNew},
		Output:           "registry.example.com/app:1",
		Annotations:      map[string]string{"org.example.key": "value"},
		Epoch:            time.Unix(1700000000, 0),
	}
}

func TestRefusesRequestsThatSteerTheBuilder(t *testing.T) {
	for name, change := range map[string]func(*builder.Request){
		"no source":                 func(r *builder.Request) { r.DockerfileInline = "" },
		"another frontend":          func(r *builder.Request) { r.Args["BUILDKIT_SYNTAX"] = "evil/frontend" },
		"another frontend, in bits": func(r *builder.Request) { r.Args["buildkit_syntax"] = "evil/frontend" },
		"another time":              func(r *builder.Request) { r.Args["SOURCE_DATE_EPOCH"] = "0" },
		"an argument without name":  func(r *builder.Request) { r.Args[""] = "x" },
		"no platform":               func(r *builder.Request) { r.Platforms = nil },
		"a platform that is none":   func(r *builder.Request) { r.Platforms = []string{"a/b/c/d/e"} },
		"no output":                 func(r *builder.Request) { r.Output = "" },
		"an output without tag":     func(r *builder.Request) { r.Output = "registry.example.com/app" },
		"an output with a digest":   func(r *builder.Request) { r.Output += "@" + digestNew },
		"two outputs":               func(r *builder.Request) { r.Output += ",registry.example.com/other:1" },
		"a key with a blank":        func(r *builder.Request) { r.Annotations["a b"] = "x" },
		"no time":                   func(r *builder.Request) { r.Epoch = time.Time{} },
		"no base":                   func(r *builder.Request) { r.Base = builder.Base{} },
	} {
		req := goodRequest()
		change(&req)
		if _, err := newSolve(req); !isRequestError(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRefusesAContextThatMayMove(t *testing.T) {
	req := goodRequest()
	req.Context = "https://git.example.com/repo.git#main"
	var wrong *builder.ContextError
	if _, err := newSolve(req); !errors.As(err, &wrong) {
		t.Errorf("got %v", err)
	}
}

func TestAllowsTheBuildNothing(t *testing.T) {
	s, err := newSolve(goodRequest())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.opt.Session) != 0 || len(s.opt.AllowedEntitlements) != 0 || s.opt.EnableSessionExporter {
		t.Errorf("got %+v", s.opt)
	}
	for key, want := range map[string]string{
		"cmdline": "dockerfile.v0", "platform": "linux/amd64,linux/arm64", "build-arg:VERSION": "1",
		"build-arg:SOURCE_DATE_EPOCH": "1700000000", "attest:provenance": "mode=min",
	} {
		if got := s.opt.FrontendAttrs[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestRefusesAddressesThatAreNotADaemons(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:1234", "tcp://host", "docker-container://x", "ssh://host", "unix://", "%"} {
		if _, err := New(Options{Address: address}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}

func isRequestError(err error) bool {
	var wrong *builder.RequestError
	return errors.As(err, &wrong)
}
