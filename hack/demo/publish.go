package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/hack/demo/internal/debian"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// publish publishes one more base: the fixed one, with a file that says when.
func (d *demo) publish(ctx context.Context) error {
	there, err := d.exists(ctx)
	if err != nil {
		return err
	}
	if !there || !debian.Has(d.store.Fixed()) {
		return errors.New("there is no demo to publish a base for: run \"make demo\" first")
	}
	err = d.Do("Published one more base", func(t *screen.Task) error {
		base, err := debianImage(d.store.Fixed())
		if err != nil {
			return err
		}
		image, err := withFile(base, "etc/respin-demo", time.Now().Format(time.RFC3339)+"\n")
		if err != nil {
			return err
		}
		digest, err := d.push(ctx, d.base, image)
		t.Result("%s is now %s", d.base, short(digest))
		return err
	})
	if err != nil {
		return err
	}
	d.Say("Respin notices within %s. Watch it: kubectl get patchruns -n %s --watch", d.policy.Spec.Interval.Duration, d.namespace)
	return nil
}

// withFile adds a layer with one file to an image.
func withFile(image v1.Image, name, content string) (v1.Image, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprint(w, content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: "hack/demo publish"}})
}
