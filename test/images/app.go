package images

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/buildkit"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/test/cluster"
)

// App is an image that workloads run.
type App struct {
	// Repository and Reference are where it is: without and with its tag.
	Repository, Reference string
	// Dockerfile is what it is built from.
	Dockerfile string
}

// Dockerfile is that of an app on a base: it runs what the base brings along. The app's repository is in it, so that no
// two apps have the same configuration: a node takes such for one image, and tells the digest of any of them.
func (s *Shelf) Dockerfile(name string, base *Base, lines ...string) string {
	text := "FROM " + base.Reference + "\nENV APP=" + s.Repository(name) + "\n"
	for _, line := range lines {
		text += line + "\n"
	}
	return text + `CMD ["` + Start + `"]` + "\n"
}

// App has BuildKit build an app on a base, with provenance, from a Dockerfile that has some more lines.
func (s *Shelf) App(name string, base *Base, lines ...string) App {
	s.t.Helper()
	app := s.app(name, s.Dockerfile(name, base, lines...))
	kit, err := buildkit.New(buildkit.Options{
		Address: cluster.Need(s.t, cluster.BuildKitHost), TLSDir: cluster.Need(s.t, cluster.BuildKitTLSDir),
	})
	s.must(err)
	_, err = kit.Build(s.t.Context(), builder.Request{
		DockerfileInline: app.Dockerfile, Platforms: []string{Platform}, Output: app.Reference, Epoch: time.Unix(0, 0),
		Base: builder.Base{Reference: base.Reference, To: base.Digest()}, Credentials: s.login,
	}, nil)
	s.must(err)
	return app
}

func (s *Shelf) app(name, dockerfile string) App {
	repository := s.Repository(name)
	return App{Repository: repository, Reference: repository + ":v1", Dockerfile: dockerfile}
}

// Assemble makes an app without any builder: a layer upon the base, with or without annotations that name the base,
// and without provenance.
func (s *Shelf) Assemble(name string, base *Base, annotated bool) App {
	s.t.Helper()
	below, err := remote.Image(s.parse(base.Reference), s.remote...)
	s.must(err)
	layer, err := files(map[string]string{"app": name})
	s.must(err)
	app, err := mutate.AppendLayers(below, layer)
	s.must(err)
	app, err = mutate.Config(app, v1.Config{Env: []string{"PATH=/bin", "APP=" + s.Repository(name)}, Cmd: []string{Start}})
	s.must(err)
	if annotated {
		app, _ = mutate.Annotations(app, map[string]string{
			image.AnnotationBaseName: base.Reference, image.AnnotationBaseDigest: base.Digest(),
		}).(v1.Image)
	}
	made := s.app(name, s.Dockerfile(name, base))
	s.must(remote.Write(s.parse(made.Reference), app, s.remote...))
	return made
}
