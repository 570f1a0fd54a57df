package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

// floor makes the requests of a rebase that nobody can do without, once the bases are known, and nothing else: it knows
// beforehand what to write. It writes no provenance.
type floor struct {
	bed    *bed
	client *http.Client
	images []rebase.Image
	index  []byte // nil for a single image
}

// floor has the product say what a rebase comes to.
func (b *bed) floor(p product) floor {
	b.t.Helper()
	app := b.place()
	plan, err := rebase.New(p.client, "bench").Plan(b.t.Context(), builder.Request{
		Source: app.WithDigest(app.Digest), Output: app.WithDigest("").String(),
		Base: builder.Base{Reference: b.base.WithDigest("").String(), To: b.now, From: []string{b.base.Digest}},
	})
	must(b.t, err)
	f := floor{bed: b, images: plan.Images, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	b.t.Cleanup(f.client.CloseIdleConnections)
	if b.shape.platforms != nil {
		f.index, err = json.Marshal(v1.IndexManifest{
			SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: f.entries(),
		})
		must(b.t, err)
	}
	return f
}

func (f floor) entries() []v1.Descriptor {
	var all []v1.Descriptor
	for _, i := range f.images {
		digest, err := v1.NewHash(i.Digest)
		must(f.bed.t, err)
		all = append(all, v1.Descriptor{
			MediaType: types.OCIManifestSchema1, Digest: digest, Size: int64(len(i.Manifest)),
			Platform: &v1.Platform{OS: i.Platform.OS, Architecture: i.Platform.Architecture, Variant: i.Platform.Variant},
		})
	}
	return all
}

// rebase does what can be done at the same time at the same time.
func (f floor) rebase(app, output image.Reference) {
	f.bed.t.Helper()
	ctx := f.bed.t.Context()
	if f.index != nil {
		_, err := f.ask(ctx, http.MethodGet, app.Path(), "manifests/"+app.Digest, "", nil)
		must(f.bed.t, err)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, i := range f.images {
		group.Go(func() error { return f.image(groupCtx, i, output) })
	}
	must(f.bed.t, group.Wait())
	top, mediaType := f.images[0].Manifest, types.OCIManifestSchema1
	if f.index != nil {
		top, mediaType = f.index, types.OCIImageIndex
	}
	must(f.bed.t, f.put(ctx, output.Path(), output.Tag, mediaType, top))
}

// image reads and writes one platform's image, all but the manifest of a single one.
func (f floor) image(ctx context.Context, i rebase.Image, output image.Reference) error {
	raw, err := f.ask(ctx, http.MethodGet, output.Path(), "manifests/"+i.Source.Digest, "", nil)
	if err != nil {
		return err
	}
	var app, result document
	if err := errors.Join(json.Unmarshal(raw, &app), json.Unmarshal(i.Manifest, &result)); err != nil {
		return err
	}
	if _, err := f.ask(ctx, http.MethodGet, output.Path(), "blobs/"+app.Config.Digest.String(), "", nil); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, layer := range result.Layers[:f.bed.shape.changed] {
		group.Go(func() error { return f.mount(groupCtx, output.Path(), layer.Digest.String()) })
	}
	group.Go(func() error { return f.upload(groupCtx, output.Path(), result.Config.Digest.String(), i.Config) })
	if err := group.Wait(); err != nil || f.index == nil {
		return err
	}
	return f.put(ctx, output.Path(), i.Digest, types.OCIManifestSchema1, i.Manifest)
}

func (f floor) mount(ctx context.Context, path, digest string) error {
	query := url.Values{"mount": {digest}, "from": {f.bed.base.Path()}}
	_, err := f.ask(ctx, http.MethodPost, path, "blobs/uploads/?"+query.Encode(), "", nil)
	return err
}

func (f floor) upload(ctx context.Context, path, digest string, content []byte) error {
	location, err := f.send(ctx, http.MethodPost, f.url(path, "blobs/uploads/"), "", nil)
	if err != nil {
		return err
	}
	location.Body.Close()
	at, err := location.Location()
	if err != nil {
		return err
	}
	at.RawQuery += "&digest=" + digest
	answer, err := f.send(ctx, http.MethodPut, at.String(), "application/octet-stream", content)
	if err == nil {
		answer.Body.Close()
	}
	return err
}

func (f floor) put(ctx context.Context, path, as string, mediaType types.MediaType, content []byte) error {
	_, err := f.ask(ctx, http.MethodPut, path, "manifests/"+as, string(mediaType), content)
	return err
}

func (f floor) ask(ctx context.Context, method, path, what, mediaType string, content []byte) ([]byte, error) {
	answer, err := f.send(ctx, method, f.url(path, what), mediaType, content)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

func (f floor) url(path, what string) string {
	return "http://" + f.bed.registry.Host + "/v2/" + path + "/" + what
}

func (f floor) send(ctx context.Context, method, at, mediaType string, content []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	request.Header.Set("Accept", string(types.OCIManifestSchema1)+", "+string(types.OCIImageIndex))
	answer, err := f.client.Do(request)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		answer.Body.Close()
		err = fmt.Errorf("%s %s: %s", method, at, answer.Status)
	}
	return answer, err
}
