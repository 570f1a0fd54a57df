package images

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Digest is what a reference stands for now.
func (s *Shelf) Digest(reference string) string {
	s.t.Helper()
	descriptor, err := remote.Head(s.parse(reference), s.remote...)
	s.must(err)
	return descriptor.Digest.String()
}

// Tags are the tags of a repository; none where there is no such repository.
func (s *Shelf) Tags(repository string) []string {
	s.t.Helper()
	parsed, err := name.NewRepository(repository, s.names...)
	s.must(err)
	tags, err := remote.List(parsed, s.remote...)
	var answered *transport.Error
	if errors.As(err, &answered) && answered.StatusCode == http.StatusNotFound {
		return nil
	}
	s.must(err)
	return tags
}

// Annotations are those of an image's manifest, or of its index.
func (s *Shelf) Annotations(reference string) map[string]string {
	s.t.Helper()
	descriptor, err := remote.Get(s.parse(reference), s.remote...)
	s.must(err)
	var manifest v1.Manifest // of an index, this reads the annotations just as well
	s.must(json.Unmarshal(descriptor.Manifest, &manifest))
	return manifest.Annotations
}

// Vanish deletes what a reference stands for from the registry.
func (s *Shelf) Vanish(reference string) {
	s.t.Helper()
	parsed := s.parse(reference).Context().Digest(s.Digest(reference))
	s.must(remote.Delete(parsed, s.remote...))
}

// Provenance is the statement that an index's attestation holds, of whichever of its images comes first.
func (s *Shelf) Provenance(reference string) string {
	s.t.Helper()
	index, err := remote.Index(s.parse(reference), s.remote...)
	s.must(err)
	manifest, err := index.IndexManifest()
	s.must(err)
	for _, entry := range manifest.Manifests {
		if entry.Annotations["vnd.docker.reference.type"] != "attestation-manifest" {
			continue
		}
		attestation, err := index.Image(entry.Digest)
		s.must(err)
		layers, err := attestation.Layers()
		s.must(err)
		statement, err := layers[0].Compressed() // it is JSON, and compressed by nobody
		s.must(err)
		defer statement.Close()
		text, err := io.ReadAll(statement)
		s.must(err)
		return string(text)
	}
	return ""
}
