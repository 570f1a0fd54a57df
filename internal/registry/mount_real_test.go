//go:build integration

package registry

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/image"
)

// pushed stores random bytes as a blob, and gives its descriptor.
func pushed(t *testing.T, c *Client, to image.Reference, size int) (ocispec.Descriptor, []byte) {
	t.Helper()
	content := make([]byte, size)
	_, _ = rand.Read(content)
	if err := c.PushBlob(t.Context(), to, content); err != nil {
		t.Fatal(err)
	}
	return ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromBytes(content), Size: int64(size),
	}, content
}

// holds fails unless a repository has a blob with exactly these bytes.
func holds(t *testing.T, c *Client, ref image.Reference, content []byte) {
	t.Helper()
	d := descriptor{Digest: digest.FromBytes(content).String(), Size: int64(len(content))}
	if got, err := c.blob(t.Context(), ref, d, d.Size); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%s does not hold the blob: %d bytes, %v", ref, len(got), err)
	}
}

func TestMountCostsOneRequest(t *testing.T) {
	f := newReal(t)
	c, from, to := f.client(), f.ref("base/os:1"), f.ref("team/app:1")
	d, content := pushed(t, c, from, 1<<20)
	for _, when := range []string{"a blob that the repository lacks", "a blob that the repository has"} {
		f.requests()
		if err := c.Mount(t.Context(), from, to, d); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if asked := f.requests(); methods(asked) != "POST" {
			t.Errorf("%s: asked %q", when, asked)
		}
	}
	holds(t, c, to, content)
	f.requests()
	if err := c.Mount(t.Context(), to, to.WithDigest(d.Digest.String()), d); err != nil || len(f.requests()) != 0 {
		t.Errorf("within a repository there is nothing to do: %v", err)
	}
}

func TestARefusedMountBecomesAnUpload(t *testing.T) {
	noMounts := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("mount") {
			r.URL.RawQuery = ""
		}
		return false
	}
	failing := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("mount") {
				w.WriteHeader(code)
			}
			return r.URL.Query().Has("mount")
		}
	}
	tests := map[string]struct {
		fault func(http.ResponseWriter, *http.Request) bool
		asked string
	}{
		"a registry that opens an upload instead": {noMounts, "POST HEAD GET PUT"},
		"a registry that does not let this login": {failing(401), "POST HEAD POST GET PUT"},
		"a registry that forbids it":              {failing(403), "POST HEAD POST GET PUT"},
		"a registry that knows no mounts":         {failing(405), "POST HEAD POST GET PUT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newReal(t)
			c, from, to := f.client(), f.ref("base/os:1"), f.ref("team/app:1")
			d, content := pushed(t, c, from, 5<<20)
			f.fault = tt.fault
			f.requests()
			if err := c.Mount(t.Context(), from, to, d); err != nil {
				t.Fatal(err)
			}
			if asked := f.requests(); methods(asked) != tt.asked {
				t.Errorf("asked %q", asked)
			}
			holds(t, c, to, content)
			f.requests()
			if err := c.Mount(t.Context(), from, to, d); err != nil {
				t.Fatal(err)
			}
			if asked := f.requests(); methods(asked) != "POST HEAD" {
				t.Errorf("again, with the blob there: asked %q", asked)
			}
		})
	}
}

func TestMountFromAnotherRegistryIsACopy(t *testing.T) {
	source, target := newReal(t), newReal(t)
	c := source.client(func(o *Options) { o.PlainHTTP = append(o.PlainHTTP, target.host) })
	from, to := source.ref("base/os:1"), target.ref("team/app:1")
	d, content := pushed(t, c, from, 5<<20)
	source.requests()
	for _, asked := range []string{"HEAD POST PUT", "HEAD"} {
		if err := c.Mount(t.Context(), from, to, d); err != nil {
			t.Fatal(err)
		}
		if got := target.requests(); methods(got) != asked {
			t.Errorf("asked %q; want %s", got, asked)
		}
	}
	if asked := source.requests(); methods(asked) != "GET" {
		t.Errorf("the source was asked %q", asked)
	}
	holds(t, c, to, content)
}

func TestMountOfWhatIsNotThereSaysSo(t *testing.T) {
	f := newReal(t)
	c, from, to := f.client(), f.ref("base/os:1"), f.ref("team/app:1")
	d := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.FromString("none"), Size: 4}
	err := c.Mount(t.Context(), from, to, d)
	if KindOf(err) != NotFound || !strings.HasPrefix(err.Error(), from.Familiar()) {
		t.Errorf("got %v", err)
	}
}
