package rebase_test

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
	client "github.com/respin-dev/respin/internal/registry"
)

var _ rebase.Registry = (*client.Client)(nil)

// served is a world whose images are in a registry that speaks HTTP, with a client for it.
type served struct {
	world
	host   string
	client *client.Client
}

func (w world) serve() served {
	w.t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	w.t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	s := served{world: w, host: host, client: client.New(client.Options{PlainHTTP: []string{host}})}
	for name, repository := range w.repositories {
		to := s.at(image.Reference{Repository: name, Tag: "latest"})
		for _, content := range repository.blobs {
			must(w.t, s.client.PushBlob(w.t.Context(), to, content))
		}
		for _, isIndex := range []bool{false, true} {
			for digest, m := range repository.manifests {
				if strings.Contains(m.mediaType, "index") == isIndex {
					must(w.t, s.client.PushManifest(w.t.Context(), image.Reference{Repository: to.Repository, Digest: digest}, m.mediaType, m.raw))
				}
			}
		}
	}
	return s
}

// at is where a reference of the fixtures is served.
func (s served) at(ref image.Reference) image.Reference {
	ref.Repository = s.host + "/" + ref.Path()
	return ref
}

// build rebases what is served, as a fixtures' request asks.
func (s served) build(req builder.Request) image.Reference {
	s.t.Helper()
	moved := func(name string) string { return s.host + strings.TrimPrefix(name, "registry.example.com") }
	req.Source, req.Base.Reference, req.Output = s.at(req.Source), moved(req.Base.Reference), moved(req.Output)
	result, err := rebase.New(s.client, "v1.2.3").Build(s.t.Context(), req, nil)
	must(s.t, err)
	ref, err := image.ParseReference(req.Output)
	must(s.t, err)
	return ref.WithDigest(result.Digest)
}

func TestARegistryAndOurReaderOfItTakeTheResult(t *testing.T) {
	w, index, _, from, to := ordinary(t)
	s := w.serve()
	req := request(index, from, to)
	ref := s.build(req)
	if found, ok, err := s.client.Find(t.Context(), ref.WithDigest("")); found != ref.Digest || !ok || err != nil {
		t.Errorf("the tag stands at %s, %v, want %s", found, err, ref.Digest)
	}
	result, err := s.client.Inspect(t.Context(), ref, nil)
	must(t, err)
	result, err = s.client.Provenance(t.Context(), ref, result)
	must(t, err)
	if len(result.Children) != 2 || result.Annotations[image.AnnotationSourceDigest] != index.Digest {
		t.Fatalf("got %+v", result)
	}
	for _, child := range result.Children {
		if len(child.Materials) != 1 || child.Materials[0].Digest != to.Digest {
			t.Errorf("%s: its provenance has the materials %+v", child.Platform, child.Materials)
		}
	}
}
