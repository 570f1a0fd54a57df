package registry

import (
	"net/http"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

func TestPushedManifestsAreUnderTheirNameAtOnce(t *testing.T) {
	f, clock := newFake(t), newClock()
	old := f.putImage("1", "amd64")
	other := f.putImage("2", "arm64")
	pusher, reader := f.client(clock.option), f.ref("app:1")
	digestOf := func() string {
		t.Helper()
		got, err := pusher.Digest(t.Context(), reader, clock.now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return got.Digest
	}
	if digestOf() != old.Digest {
		t.Fatal("the tag is elsewhere")
	}
	mediaType, raw, err := pusher.Manifest(t.Context(), f.ref("app@"+other.Digest))
	if err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Second)
	f.requests()
	for _, to := range []image.Reference{reader, reader.WithDigest(other.Digest), f.ref("app@" + other.Digest)} {
		if err := pusher.PushManifest(t.Context(), to, mediaType, raw); err != nil {
			t.Errorf("%s: %v", to, err)
		}
		if asked := f.requests(); len(asked) != 1 {
			t.Errorf("%s: asked %q", to, asked)
		}
	}
	if digestOf() != other.Digest {
		t.Error("an answer from before the push is given")
	}
	f.requests()
	if digestOf(); len(f.requests()) != 0 {
		t.Error("the answer from after the push is not kept")
	}
}

func TestPushesSayWhatIsWrong(t *testing.T) {
	const manifest = `{"schemaVersion":2}`
	put := func(c *Client, to image.Reference) error {
		return c.PushManifest(t.Context(), to, typeOCIManifest, []byte(manifest))
	}
	blob := func(c *Client, to image.Reference) error { return c.PushBlob(t.Context(), to, []byte(manifest)) }
	storedAs := func(d string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				w.Header().Set("Docker-Content-Digest", d)
				w.WriteHeader(http.StatusCreated)
			}
			return r.Method == http.MethodPut
		}
	}
	refused := func(code int) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				w.WriteHeader(code)
			}
			return r.Method == http.MethodPut
		}
	}
	tests := map[string]struct {
		push  func(*Client, image.Reference) error
		fault func(http.ResponseWriter, *http.Request) bool
		kind  Kind // empty where all is well
	}{
		"a manifest under its digest":      {put, storedAs(digest.FromString(manifest).String()), ""},
		"a manifest, and no word of it":    {put, storedAs(""), ""},
		"a manifest under another digest":  {put, storedAs(diffID("other", 0)), BadContent},
		"a manifest that is not taken":     {put, refused(400), BadContent},
		"a manifest that may not be there": {put, refused(403), Denied},
		"a blob under its digest":          {blob, storedAs(digest.FromString(manifest).String()), ""},
		"a blob under another digest":      {blob, storedAs("sha256:x\x1b"), BadContent},
		"a blob that is not taken":         {blob, refused(400), BadContent},
		"a blob that may not be there":     {blob, refused(401), Denied},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fault = tt.fault
			err := tt.push(f.client(), f.ref("app:1"))
			if KindOf(err) != tt.kind || (err == nil) != (tt.kind == "") {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
		})
	}
}

func TestAManifestOfAnotherDigestIsNotPushed(t *testing.T) {
	f := newFake(t)
	to := f.ref("app:1").WithDigest(diffID("other", 0))
	if err := f.client().PushManifest(t.Context(), to, typeOCIManifest, []byte("{}")); err == nil || len(f.requests()) != 0 {
		t.Errorf("got %v", err)
	}
}
