package registry

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const layerBytes = "the bytes of a layer"

// layerOf is the descriptor of a layer that is stored as it is.
func layerOf(stored string) ocispec.Descriptor {
	return ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayer, Digest: digest.FromString(stored), Size: int64(len(stored)),
	}
}

// serving answers requests for blobs with whatever is given.
func serving(answer http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		blob := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/")
		if blob {
			answer(w, r)
		}
		return blob
	}
}

// standing sends a part and then nothing, until the other side gives up.
func standing(part string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(part))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

func TestACopyIsCheckedOnItsWay(t *testing.T) {
	tests := map[string]struct {
		source http.HandlerFunc
		kind   Kind
		says   string
	}{
		"other bytes":           {status(200, "something else than it"), BadContent, "more than the 20 bytes"},
		"as many other bytes":   {status(200, "the bytes of another"), BadContent, "not what its digest says"},
		"fewer bytes":           {status(200, layerBytes[:5]), BadContent, "ends after 5 of the 20 bytes"},
		"a byte more":           {status(200, layerBytes+"!"), BadContent, "more than the 20 bytes"},
		"a connection cut":      {cutOff, Unreachable, "closed the connection"},
		"nothing for long":      {standing(""), Unreachable, "did not answer in time"},
		"nothing more for long": {standing(layerBytes[:5]), Unreachable, "did not answer in time"},
		"a failure":             {status(500, ""), Unreachable, "status 500"},
		"nothing there":         {status(404, ""), NotFound, "does not have it"},
		"nothing for us":        {status(403, ""), Denied, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			source, target := newFake(t), newFake(t)
			source.fault = serving(tt.source)
			c := source.client(func(o *Options) {
				o.PlainHTTP, o.Timeout = append(o.PlainHTTP, target.host), 500*time.Millisecond
			})
			from, to := source.ref("base:1"), target.ref("app:1")
			err := c.Mount(t.Context(), from, to, layerOf(layerBytes))
			if KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), from.Familiar()) {
				t.Errorf("got %s: %v", KindOf(err), err)
			}
			if there, err := c.has(t.Context(), to, layerOf(layerBytes).Digest.String()); err != nil || there {
				t.Errorf("it is there all the same: %v, %v", there, err)
			}
		})
	}
}

func TestATargetThatDoesNotReadIsGivenUp(t *testing.T) {
	source, target := newFake(t), newFake(t)
	large := strings.Repeat(layerBytes, 1<<20)
	source.fault = serving(status(200, large))
	// A server does not notice that a client is gone whose request it has not read.
	done := make(chan struct{})
	defer close(done)
	target.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			<-done
		}
		return r.Method == http.MethodPut
	}
	c := source.client(func(o *Options) {
		o.PlainHTTP, o.Timeout = append(o.PlainHTTP, target.host), 500*time.Millisecond
	})
	err := c.Mount(t.Context(), source.ref("base:1"), target.ref("app:1"), layerOf(large))
	if KindOf(err) != Unreachable || !strings.Contains(err.Error(), target.host+" did not answer in time") {
		t.Errorf("got %v", err)
	}
}

func TestMountRefusesWhatNoRegistryHas(t *testing.T) {
	f := newFake(t)
	elsewhere, foreign, windows := layerOf(layerBytes), layerOf(layerBytes), layerOf(layerBytes)
	elsewhere.URLs = []string{"https://evil.example/layer"}
	foreign.MediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
	windows.MediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"
	for name, d := range map[string]ocispec.Descriptor{
		"a layer with a place": elsewhere, "a foreign layer": foreign, "a layer not to be distributed": windows,
		"a digest of another kind": {Digest: digest.SHA512.FromString(layerBytes), Size: 1},
		"a size below zero":        {Digest: digest.FromString(layerBytes), Size: -1},
	} {
		if err := f.client().Mount(t.Context(), f.ref("base:1"), f.ref("app:1"), d); KindOf(err) != BadContent {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked := f.requests(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestMountEndsWithItsCaller(t *testing.T) {
	f := newFake(t)
	if err := f.client().Mount(ended(t), f.ref("base:1"), f.ref("app:1"), layerOf(layerBytes)); KindOf(err) != "" || err == nil {
		t.Errorf("got %s: %v", KindOf(err), err)
	}
}

func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestAMountIsAskedForAgain(t *testing.T) {
	f := newFake(t)
	var times atomic.Int32
	f.failing(func(w http.ResponseWriter, _ *http.Request) {
		if times.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	err := f.client().Mount(t.Context(), f.ref("base:1"), f.ref("app:1"), layerOf(layerBytes))
	if asked := f.requests(); err != nil || methods(asked) != "POST POST POST" {
		t.Errorf("got %v after %q", err, asked)
	}
}
