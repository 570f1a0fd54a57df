package rebase_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

var errNotFound = errors.New("the registry does not have it")

// store is registries in memory that count requests. It holds bytes by their digests, as registries do, and takes a
// manifest only where its repository has all that the manifest refers to.
type store struct {
	mu           sync.Mutex
	repositories map[string]*repository
	// requests are what a client of a real registry would have asked, as METHOD path.
	requests []string
	// fails is asked before every request; its error is the request's.
	fails func(request string) error
}

type repository struct {
	blobs     map[string][]byte
	manifests map[string]stored
	tags      map[string]string
}

type stored struct {
	mediaType string
	raw       []byte
}

func newStore() *store { return &store{repositories: map[string]*repository{}} }

func (s *store) in(name string) *repository {
	if s.repositories[name] == nil {
		s.repositories[name] = &repository{blobs: map[string][]byte{}, manifests: map[string]stored{}, tags: map[string]string{}}
	}
	return s.repositories[name]
}

// spelled refuses references that package registry would not take.
func spelled(refs ...image.Reference) error {
	for _, ref := range refs {
		if parsed, err := image.ParseReference(ref.String()); err != nil || parsed != ref {
			return fmt.Errorf("%q was not made by ParseReference", ref)
		}
	}
	return nil
}

// asked records a request. The caller holds the lock.
func (s *store) asked(format string, args ...any) error {
	request := fmt.Sprintf(format, args...)
	s.requests = append(s.requests, request)
	if s.fails != nil {
		return s.fails(request)
	}
	return nil
}

func (s *store) Manifest(ctx context.Context, ref image.Reference) (string, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(spelled(ref), s.asked("GET %s/manifests/%s", ref.Repository, ref.Digest)); err != nil {
		return "", nil, err
	}
	found, ok := s.in(ref.Repository).manifests[ref.Digest]
	if !ok {
		return "", nil, fmt.Errorf("%s: %w", ref, errNotFound)
	}
	return found.mediaType, found.raw, ctx.Err()
}

func (s *store) Config(ctx context.Context, ref image.Reference, d ocispec.Descriptor) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(spelled(ref), s.asked("GET %s/blobs/%s", ref.Repository, d.Digest)); err != nil {
		return nil, err
	}
	raw, ok := s.in(ref.Repository).blobs[d.Digest.String()]
	if !ok {
		return nil, fmt.Errorf("%s, config %s: %w", ref, d.Digest, errNotFound)
	}
	return raw, ctx.Err()
}

func (s *store) Mount(ctx context.Context, from, to image.Reference, d ocispec.Descriptor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, ok := s.in(from.Repository).blobs[d.Digest.String()]
	if !ok {
		return fmt.Errorf("mounting %s from %s: %w", d.Digest, from, errNotFound)
	}
	if from.Registry() != to.Registry() {
		return s.copy(from, to, d, raw)
	}
	if err := errors.Join(spelled(from, to), s.asked("POST %s/blobs/uploads/?mount=%s", to.Repository, d.Digest)); err != nil {
		return err
	}
	s.in(to.Repository).blobs[d.Digest.String()] = raw
	return ctx.Err()
}

func (s *store) copy(from, to image.Reference, d ocispec.Descriptor, raw []byte) error {
	looked := s.asked("HEAD %s/blobs/%s", to.Repository, d.Digest)
	opened := s.asked("POST %s/blobs/uploads/", to.Repository)
	fetched := s.asked("GET %s/blobs/%s", from.Repository, d.Digest)
	sent := s.asked("PUT %s/blobs/uploads/?digest=%s", to.Repository, d.Digest)
	if err := errors.Join(looked, opened, fetched, sent); err != nil {
		return err
	}
	s.in(to.Repository).blobs[d.Digest.String()] = raw
	return nil
}

func (s *store) PushBlob(ctx context.Context, to image.Reference, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := digest.FromBytes(content).String()
	if err := errors.Join(spelled(to), s.asked("POST %s/blobs/uploads/", to.Repository)); err != nil {
		return err
	}
	if err := s.asked("PUT %s/blobs/uploads/?digest=%s", to.Repository, id); err != nil {
		return err
	}
	s.in(to.Repository).blobs[id] = content
	return ctx.Err()
}

func (s *store) PushManifest(ctx context.Context, to image.Reference, mediaType string, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := digest.FromBytes(raw).String()
	name := to.Tag
	if name == "" {
		name = to.Digest
	}
	if to.Digest != "" && to.Digest != id {
		return fmt.Errorf("%s is pushed under %s", id, to.Digest)
	}
	if err := errors.Join(spelled(to), s.asked("PUT %s/manifests/%s", to.Repository, name)); err != nil {
		return err
	}
	if err := s.in(to.Repository).whole(mediaType, raw); err != nil {
		return err
	}
	s.in(to.Repository).manifests[id] = stored{mediaType, raw}
	if to.Tag != "" {
		s.in(to.Repository).tags[to.Tag] = id
	}
	return ctx.Err()
}

// whole refuses a manifest that refers to what the repository does not have.
func (r *repository) whole(mediaType string, raw []byte) error {
	var d struct {
		MediaType string               `json:"mediaType"`
		Config    *ocispec.Descriptor  `json:"config"`
		Layers    []ocispec.Descriptor `json:"layers"`
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	if d.MediaType != "" && d.MediaType != mediaType {
		return fmt.Errorf("%s is pushed as %s", d.MediaType, mediaType)
	}
	if d.Config != nil {
		d.Layers = append(d.Layers, *d.Config)
	}
	for _, blob := range d.Layers {
		if held, ok := r.blobs[blob.Digest.String()]; !ok || int64(len(held)) != blob.Size {
			return fmt.Errorf("it refers to the blob %s, which is not there: %w", blob.Digest, errNotFound)
		}
	}
	for _, child := range d.Manifests {
		if held, ok := r.manifests[child.Digest.String()]; !ok || int64(len(held.raw)) != child.Size {
			return fmt.Errorf("it refers to the manifest %s, which is not there: %w", child.Digest, errNotFound)
		}
	}
	return nil
}

// count is how many requests begin with a prefix.
func (s *store) count(prefix string) int {
	n := 0
	for _, request := range s.requests {
		if strings.HasPrefix(request, prefix) {
			n++
		}
	}
	return n
}
