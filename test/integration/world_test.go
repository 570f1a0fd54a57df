//go:build integration

package integration

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	memory "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/respin-dev/respin/controllers/patchpolicy"
	"github.com/respin-dev/respin/controllers/patchrun"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

// shelf is a registry in memory, with a base that moves.
type shelf struct {
	t    *testing.T
	host string
}

func newShelf(t *testing.T) shelf {
	server := httptest.NewServer(memory.New(memory.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return shelf{t: t, host: strings.TrimPrefix(server.URL, "http://")}
}

func (s shelf) base() string { return s.host + "/base/debian:12" }

func parse(t *testing.T, reference string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func (s shelf) push(reference string, image v1.Image) string {
	s.t.Helper()
	if err := remote.Write(parse(s.t, reference), image); err != nil {
		s.t.Fatalf("pushing %s: %v", reference, err)
	}
	digest, err := image.Digest()
	if err != nil {
		s.t.Fatal(err)
	}
	return digest.String()
}

// moveBase has the base's tag stand on another image, and returns its digest.
func (s shelf) moveBase() string {
	s.t.Helper()
	base, err := random.Image(64, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	config, err := base.ConfigFile()
	if err != nil {
		s.t.Fatal(err)
	}
	config.OS, config.Architecture = "linux", "amd64"
	if base, err = mutate.ConfigFile(base, config); err != nil {
		s.t.Fatal(err)
	}
	return s.push(s.base(), mutate.MediaType(base, types.OCIManifestSchema1))
}

// app pushes an app on the base as it is now, and returns its reference by the tag.
func (s shelf) app(repository string) string {
	s.t.Helper()
	reference := s.host + "/" + repository + ":1"
	image, err := assemble(s.base(), reference, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.push(reference, image)
	return reference
}

// annotated pushes an app that tells on which digest of the base it is, and returns its reference by the tag.
func (s shelf) annotated(repository, base string) string {
	s.t.Helper()
	reference := s.host + "/" + repository + ":1"
	made, err := assemble(s.base(), reference, map[string]string{
		image.AnnotationBaseName: s.base(), image.AnnotationBaseDigest: base,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.push(reference, made)
	return reference
}

// tags are a repository's.
func (s shelf) tags(repository string) []string {
	s.t.Helper()
	tags, err := remote.List(parse(s.t, s.host+"/"+repository).Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return tags
}

// assemble is an app on a base. It is the same image whenever it is made of the same.
func assemble(base, reference string, annotations map[string]string) (v1.Image, error) {
	ref, err := name.ParseReference(base, name.Insecure)
	if err != nil {
		return nil, err
	}
	below, err := remote.Image(ref)
	if err != nil {
		return nil, err
	}
	image, err := mutate.Config(below, v1.Config{Entrypoint: []string{"/" + reference}})
	if err != nil {
		return nil, err
	}
	annotated, ok := mutate.Annotations(image, annotations).(v1.Image)
	if !ok {
		return nil, errors.New("an annotated image is no image")
	}
	return annotated, nil
}

// workshop builds images in place of BuildKit. It may die with the process that it works for.
type workshop struct {
	life  *life
	mu    sync.Mutex
	fails error
	built []string // digests, one for every push
}

func (w *workshop) Pin(_ context.Context, context string) (string, error) { return context, nil }

func (w *workshop) Build(_ context.Context, req builder.Request, report func(builder.Progress)) (builder.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fails != nil {
		return builder.Result{}, w.fails
	}
	report(builder.Progress{Step: 1, Steps: 1, Current: "[1/1] FROM " + req.Base.Reference})
	repository, _, _ := strings.Cut(req.Base.Reference, ":12")
	image, err := assemble(repository+"@"+req.Base.To, "patched", req.Annotations)
	if err != nil {
		return builder.Result{}, err
	}
	digest, err := image.Digest()
	if err != nil {
		return builder.Result{}, err
	}
	err = w.life.write(func() error {
		output, err := name.ParseReference(req.Output, name.Insecure)
		if err == nil {
			err = remote.Write(output, image)
		}
		w.built = append(w.built, digest.String())
		return err
	})
	return builder.Result{Digest: digest.String()}, err
}

var errDied = errors.New("the process has died")

// life counts what a process writes, and ends it at a number of writes: before the last of them, or after it and
// before its answer. Nothing is written afterwards.
type life struct {
	writes    atomic.Int32
	last      int32 // 0 to live on
	afterLast bool
}

func (l *life) dead() bool { return l.last > 0 && l.writes.Load() >= l.last }

func (l *life) write(do func() error) error {
	n := l.writes.Add(1)
	switch {
	case l.last == 0 || n < l.last:
		return do()
	case n == l.last && l.afterLast:
		return errors.Join(do(), errDied)
	}
	return errDied
}

// client is the cluster's client of a process with this life.
func (l *life) client(cluster client.WithWatch) client.WithWatch {
	return interceptor.NewClient(cluster, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return l.write(func() error { return c.Create(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return l.write(func() error { return c.Delete(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return l.write(func() error { return c.Patch(ctx, o, p, opts...) })
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, opts ...client.ApplyOption) error {
			return l.write(func() error { return c.Apply(ctx, o, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return l.write(func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// silent is a node whose containers have written nothing: there is none here.
type silent struct{}

func (silent) Tail(context.Context, string, string, string, bool) (string, error) { return "", nil }

// anyone reaches registries without credentials. What it pushes goes through a life, and what it asks them was answered
// by a clock.
type anyone struct {
	*registry.Client
	life  *life
	clock *clock
}

func (a anyone) forPolicy(context.Context, string, access.Wanted) (patchpolicy.Registry, error) {
	return a, nil
}

// Digest is patchpolicy.Registry's.
func (a anyone) Digest(ctx context.Context, ref image.Reference, notBefore time.Time) (registry.Resolved, error) {
	asked := time.Now()
	resolved, err := a.Client.Digest(ctx, ref, notBefore)
	if !resolved.CheckedAt.Before(asked) {
		resolved.CheckedAt = a.clock.now()
	}
	return resolved, err
}

func (a anyone) forRun(context.Context, string, access.Wanted) (patchrun.Access, error) {
	nobody := func(string, bool) (string, string) { return "", "" }
	return patchrun.Access{Registry: a.Client, Rebaser: rebase.New(a, "test"), Login: nobody}, nil
}

// Mount is rebase.Registry's.
func (a anyone) Mount(ctx context.Context, from, to image.Reference, d ocispec.Descriptor) error {
	return a.life.write(func() error { return a.Client.Mount(ctx, from, to, d) })
}

// PushBlob is rebase.Registry's.
func (a anyone) PushBlob(ctx context.Context, to image.Reference, content []byte) error {
	return a.life.write(func() error { return a.Client.PushBlob(ctx, to, content) })
}

// PushManifest is rebase.Registry's.
func (a anyone) PushManifest(ctx context.Context, to image.Reference, mediaType string, raw []byte) error {
	return a.life.write(func() error { return a.Client.PushManifest(ctx, to, mediaType, raw) })
}
