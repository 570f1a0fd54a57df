package registry

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

// fake is the library's registry, over HTTP on a loopback address, with a record of what was asked and a fault to make.
type fake struct {
	*httptest.Server
	t        *testing.T
	host     string
	contents http.Handler

	mu    sync.Mutex
	asked []string
	shown []string // Authorization headers
	fault func(http.ResponseWriter, *http.Request) (handled bool)
}

func newFake(t *testing.T) *fake {
	f := unstarted(t)
	f.Start()
	f.host = strings.TrimPrefix(f.URL, "http://")
	return f
}

// newSecureFake is a fake over TLS. All of them have the same certificate, which is its own authority's.
func newSecureFake(t *testing.T) *fake {
	f := unstarted(t)
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	f.host = strings.TrimPrefix(f.URL, "https://")
	return f
}

func unstarted(t *testing.T) *fake {
	f := &fake{t: t, contents: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	if header := r.Header.Get("Authorization"); header != "" {
		f.shown = append(f.shown, header)
	}
	fault := f.fault
	f.mu.Unlock()
	if fault == nil || !fault(w, r) {
		f.contents.ServeHTTP(w, r)
	}
}

// requests tells what was asked since it was last called.
func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

// proofs tells what it was shown of who asked.
func (f *fake) proofs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.shown)
}

// failing makes every request but the first of a login fail.
func (f *fake) failing(fault http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v2/" {
			return false
		}
		fault(w, r)
		return true
	}
}

func noWait(context.Context, time.Duration) error { return nil }

// client may talk to the fake, which is at an internal address.
func (f *fake) client(options ...func(*Options)) *Client {
	o := Options{PlainHTTP: []string{f.host}, Timeout: 5 * time.Second, Wait: noWait}
	for _, option := range options {
		option(&o)
	}
	return New(o)
}

func (f *fake) ref(s string) image.Reference {
	f.t.Helper()
	ref, err := image.ParseReference(f.host + "/" + s)
	if err != nil {
		f.t.Fatal(err)
	}
	return ref
}

// put stores bytes as a manifest of the repository app, under their digest and the tag.
func (f *fake) put(mediaType, tag string, raw []byte) descriptor {
	f.t.Helper()
	d := descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw).String(), Size: int64(len(raw))}
	for _, name := range []string{tag, d.Digest} {
		req := httptest.NewRequest(http.MethodPut, "/v2/app/manifests/"+name, strings.NewReader(string(raw)))
		req.Header.Set("Content-Type", mediaType)
		f.store(req)
	}
	return d
}

func (f *fake) putBlob(mediaType string, raw []byte) descriptor {
	f.t.Helper()
	d := descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw).String(), Size: int64(len(raw))}
	f.store(httptest.NewRequest(http.MethodPost, "/v2/app/blobs/uploads/?digest="+d.Digest, strings.NewReader(string(raw))))
	return d
}

func (f *fake) store(req *http.Request) {
	f.t.Helper()
	answer := httptest.NewRecorder()
	f.contents.ServeHTTP(answer, req)
	if answer.Code != http.StatusCreated {
		f.t.Fatalf("storing %s: %d %s", req.URL, answer.Code, answer.Body)
	}
}

// putImage stores an image of two layers for linux and the architecture.
func (f *fake) putImage(tag, architecture string, edits ...func(*document)) descriptor {
	f.t.Helper()
	c := config{platform: platform{OS: "linux", Architecture: architecture}, Created: "2026-08-01T10:00:00Z"}
	c.RootFS.DiffIDs = []string{diffID(architecture, 0), diffID(architecture, 1)}
	c.Config.User, c.Config.Env = "app", []string{"A=b"}
	c.History = append(c.History, history{CreatedBy: "RUN make"})
	of := f.putBlob(typeOCIConfig, marshal(c))
	d := document{SchemaVersion: 2, MediaType: typeOCIManifest, Config: &of}
	for _, layer := range fakeLayers() {
		d.Layers = append(d.Layers, descriptor{MediaType: layer.MediaType, Digest: layer.Digest, Size: layer.Size})
	}
	for _, edit := range edits {
		edit(&d)
	}
	entry := f.put(d.MediaType, tag, marshal(d))
	entry.Platform = &platform{OS: "linux", Architecture: architecture}
	return entry
}

// fakeLayers are the layers of every image that putImage stores: of them there is no more than their descriptors.
func fakeLayers() []image.Layer {
	const gzip = "application/vnd.oci.image.layer.v1.tar+gzip"
	return []image.Layer{
		{MediaType: gzip, Digest: diffID("layer", 0), Size: 10}, {MediaType: gzip, Digest: diffID("layer", 1), Size: 10},
	}
}

func (f *fake) putIndex(tag string, entries ...descriptor) descriptor {
	f.t.Helper()
	return f.put(typeOCIIndex, tag, marshal(document{SchemaVersion: 2, MediaType: typeOCIIndex, Manifests: entries,
		Annotations: map[string]string{"of": "index"}}))
}

// putProvenance stores BuildKit's attestation of an image that was built from debian:12, and gives its entry.
func (f *fake) putProvenance(about descriptor, statement string) descriptor {
	f.t.Helper()
	of := f.putBlob(typeOCIConfig, []byte(`{"architecture":"unknown","os":"unknown","rootfs":{"diff_ids":["`+diffID("a", 0)+`"]}}`))
	layer := f.putBlob(typeInToto, []byte(statement))
	layer.Annotations = map[string]string{annotationPredicate: image.PredicateSLSA1}
	entry := f.put(typeOCIManifest, "attestation", marshal(document{
		SchemaVersion: 2, MediaType: typeOCIManifest, Config: &of, Layers: descriptors{layer},
	}))
	entry.Platform = &platform{OS: "unknown", Architecture: "unknown"}
	entry.Annotations = map[string]string{annotationType: attestationManifest, annotationSubject: about.Digest}
	return entry
}

func diffID(of string, n int) string {
	return digest.FromString(of + string(rune('0'+n))).String()
}

func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
