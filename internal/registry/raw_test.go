package registry

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

func TestRawBytesCostNoMoreThanInspecting(t *testing.T) {
	f := newFake(t)
	d := f.putImage("1", "amd64")
	ref := f.ref("app@" + d.Digest)
	read := func(t *testing.T, c *Client) {
		t.Helper()
		mediaType, raw, err := c.Manifest(t.Context(), ref)
		if err != nil || mediaType != typeOCIManifest || digest.FromBytes(raw).String() != d.Digest {
			t.Fatalf("the manifest: %s, %d bytes, %v", mediaType, len(raw), err)
		}
		var manifest ocispec.Manifest
		if err := json.Unmarshal(raw, &manifest); err != nil {
			t.Fatal(err)
		}
		config, err := c.Config(t.Context(), ref, manifest.Config)
		if err != nil || digest.FromBytes(config) != manifest.Config.Digest {
			t.Fatalf("the config: %d bytes, %v", len(config), err)
		}
	}
	inspect := func(t *testing.T, c *Client) {
		t.Helper()
		if _, err := c.Inspect(t.Context(), ref, nil); err != nil {
			t.Fatal(err)
		}
	}
	for name, steps := range map[string][]func(*testing.T, *Client){
		"inspected first": {inspect, read, inspect, read}, "read first": {read, inspect, read, inspect},
	} {
		t.Run(name, func(t *testing.T) {
			c := f.client()
			f.requests()
			for _, step := range steps {
				step(t, c)
			}
			if asked := f.requests(); methods(asked) != "GET GET" {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

func TestRawBytesOfAnIndexAndOfAnAttestation(t *testing.T) {
	f := newFake(t)
	amd := f.putImage("amd", "amd64")
	attestation := f.putProvenance(amd, statement)
	for want, d := range map[string]descriptor{
		typeOCIIndex: f.putIndex("1", amd, attestation), typeOCIManifest: attestation,
	} {
		mediaType, raw, err := f.client().Manifest(t.Context(), f.ref("app@"+d.Digest))
		if err != nil || mediaType != want || int64(len(raw)) != d.Size {
			t.Errorf("got %s, %d bytes, %v", mediaType, len(raw), err)
		}
	}
}

func TestRawBytesAreThoseThatWereAskedFor(t *testing.T) {
	f := newFake(t)
	raw := []byte(`{"architecture":"amd64","os":"linux"}`)
	held := f.putBlob(typeOCIConfig, raw)
	d := ocispec.Descriptor{MediaType: typeOCIConfig, Digest: digest.Digest(held.Digest), Size: held.Size}
	c, ref := f.client(), f.ref("app:1")
	tests := map[string]struct {
		edit func(*ocispec.Descriptor)
		kind Kind
	}{
		"the config":                   {func(*ocispec.Descriptor) {}, ""},
		"a size that is not its own":   {func(d *ocispec.Descriptor) { d.Size-- }, BadContent},
		"a digest that is none":        {func(d *ocispec.Descriptor) { d.Digest = "sha256:../x" }, BadContent},
		"a digest of nothing":          {func(d *ocispec.Descriptor) { d.Digest = digest.FromString("x") }, NotFound},
		"a place that is no registry":  {func(d *ocispec.Descriptor) { d.URLs = []string{"http://169.254.169.254/"} }, BadContent},
		"the config of something else": {func(d *ocispec.Descriptor) { d.MediaType = "application/x" }, BadContent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked := d
			tt.edit(&asked)
			got, err := c.Config(t.Context(), ref, asked)
			if KindOf(err) != tt.kind || (err == nil) != bytes.Equal(got, raw) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, _, err := c.Manifest(t.Context(), image.Reference{Repository: ref.Repository, Tag: "1"}); err == nil {
		t.Error("a manifest is read without a digest")
	}
}

// methods are those of the requests, without logins.
func methods(asked []string) string {
	var short []string
	for _, one := range asked {
		if method, path, _ := strings.Cut(one, " "); path != "/v2/" {
			short = append(short, method)
		}
	}
	return strings.Join(short, " ")
}
