package images

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Digest is what a reference stands for now.
func (s *Shelf) Digest(reference string) string {
	s.t.Helper()
	descriptor, err := remote.Head(s.parse(reference))
	s.must(err)
	return descriptor.Digest.String()
}

// Tags are the tags of a repository; none where there is no such repository.
func (s *Shelf) Tags(repository string) []string {
	s.t.Helper()
	parsed, err := name.NewRepository(repository, name.Insecure)
	s.must(err)
	tags, err := remote.List(parsed)
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
	descriptor, err := remote.Get(s.parse(reference))
	s.must(err)
	var manifest v1.Manifest // of an index, this reads the annotations just as well
	s.must(json.Unmarshal(descriptor.Manifest, &manifest))
	return manifest.Annotations
}

// Vanish deletes what a reference stands for from the registry.
func (s *Shelf) Vanish(reference string) {
	s.t.Helper()
	parsed := s.parse(reference).Context().Digest(s.Digest(reference))
	s.must(remote.Delete(parsed))
}
