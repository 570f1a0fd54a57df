package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// annotationBaseDigest is where an image says which base it stands on.
const annotationBaseDigest = "org.opencontainers.image.base.digest"

// debianImage makes an image of a root file system: one layer, and what to run.
func debianImage(archive string) (v1.Image, error) {
	made, err := os.Stat(archive)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromFile(archive, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	created := v1.Time{Time: made.ModTime().UTC()}
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: "linux", Architecture: runtime.GOARCH, Created: created,
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, Cmd: []string{"bash"},
		},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{
		Layer: layer, History: v1.History{Created: created, CreatedBy: "hack/demo"},
	})
}

// push pushes an image under a reference, and says its digest.
func (env environment) push(ctx context.Context, reference string, image v1.Image) (string, error) {
	ref, err := env.parse(reference)
	if err != nil {
		return "", err
	}
	if err := remote.Write(ref, image, options(ctx)...); err != nil {
		return "", fmt.Errorf("pushing %s: %w", reference, err)
	}
	digest, err := image.Digest()
	return digest.String(), err
}

// digest asks the registry where a reference stands.
func (env environment) digest(ctx context.Context, reference string) (string, error) {
	ref, err := env.parse(reference)
	if err != nil {
		return "", err
	}
	found, err := remote.Head(ref, options(ctx)...)
	if err != nil {
		return "", fmt.Errorf("asking for %s: %w", reference, err)
	}
	return found.Digest.String(), nil
}

// annotations reads the annotations of an image's manifest or index.
func (env environment) annotations(ctx context.Context, reference string) (map[string]string, error) {
	ref, err := env.parse(reference)
	if err != nil {
		return nil, err
	}
	found, err := remote.Get(ref, options(ctx)...)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", reference, err)
	}
	var manifest struct {
		Annotations map[string]string `json:"annotations"`
	}
	return manifest.Annotations, json.Unmarshal(found.Manifest, &manifest)
}

// content is the digest of an image's configuration, which holds those of its layers.
func (env environment) content(ctx context.Context, reference string) (string, error) {
	ref, err := env.parse(reference)
	if err != nil {
		return "", err
	}
	platform := remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH})
	image, err := remote.Image(ref, append(options(ctx), platform)...)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", reference, err)
	}
	digest, err := image.ConfigName()
	return digest.String(), err
}

func (env environment) parse(reference string) (name.Reference, error) {
	if env.plainHTTP {
		return name.ParseReference(reference, name.Insecure)
	}
	return name.ParseReference(reference)
}

func options(ctx context.Context) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
}
