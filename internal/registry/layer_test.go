package registry

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
)

// layerTar is a layer of one file.
func layerTar(t *testing.T, path, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	header := &tar.Header{Name: path, Mode: 0o644, Size: int64(len(content))}
	if err := w.WriteHeader(header); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// putLayer stores a layer in the repository app, and says that it is needed.
func (f *fake) putLayer(plain, stored []byte) safety.Layer {
	f.t.Helper()
	d := f.putBlob("", stored)
	return safety.Layer{
		Ref: f.ref("app:1"), DiffID: digest.FromBytes(plain).String(),
		Layer: image.Layer{MediaType: fakeLayers()[0].MediaType, Digest: d.Digest, Size: d.Size},
	}
}

// learn reads layers of which nothing may be wrong.
func learn(t *testing.T, c *Client, needed ...safety.Layer) safety.Facts {
	t.Helper()
	facts, err := c.Layers(t.Context(), needed)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// inFolder is the option for a folder of the test's.
func inFolder(folder string) func(*Options) { return func(o *Options) { o.FactsDir = folder } }

func TestLayersAreReadOnceEver(t *testing.T) {
	f, folder := newFake(t), t.TempDir()
	one, two := layerTar(t, "etc/one", "1"), layerTar(t, "etc/two", "2")
	needed := []safety.Layer{f.putLayer(one, gzipped(t, one)), f.putLayer(two, zstandard(t, two))}
	c := f.client(inFolder(folder))
	facts := learn(t, c, append(needed, needed...)...)
	for i, path := range []string{"etc/one", "etc/two"} {
		got := facts[needed[i].DiffID]
		if got.DiffID != needed[i].DiffID || len(got.Entries) != 1 || got.Entries[0].Path != path || got.Entries[0].Size != 1 {
			t.Errorf("got %+v", got)
		}
	}
	if asked := f.requests(); methods(asked) != "GET GET" {
		t.Errorf("asked %q", asked)
	}
	if again := learn(t, c, needed...); !reflect.DeepEqual(again, facts) {
		t.Errorf("from memory: %+v", again)
	}
	elsewhere := needed[0]
	elsewhere.Ref = f.ref("other/app:2")
	learn(t, c, elsewhere)
	if again := learn(t, f.client(inFolder(folder)), needed...); !reflect.DeepEqual(again, facts) {
		t.Errorf("after a restart: %+v", again)
	}
	if asked := f.requests(); len(asked) != 0 {
		t.Errorf("asked again: %q", asked)
	}
	learn(t, f.client(), needed...)
	if asked := f.requests(); methods(asked) != "GET GET" {
		t.Errorf("without a folder, a restart asks %q", asked)
	}
}

func TestALayerThatWasCompressedAnewIsReadAnew(t *testing.T) {
	f := newFake(t)
	plain := layerTar(t, "etc/one", "1")
	c := f.client()
	first := learn(t, c, f.putLayer(plain, gzipped(t, plain)))
	f.requests()
	if second := learn(t, c, f.putLayer(plain, zstandard(t, plain))); !reflect.DeepEqual(first, second) {
		t.Errorf("got %+v; want %+v", second, first)
	}
	if asked := f.requests(); methods(asked) != "GET" {
		t.Errorf("asked %q", asked)
	}
}

func TestDifferentCredentialsNeverShareALayer(t *testing.T) {
	f, folder := newFake(t), t.TempDir()
	plain := layerTar(t, "etc/one", "1")
	needed, roots := f.putLayer(plain, plain), rootsOfTests(t)
	for _, restart := range []bool{false, true} {
		parent := f.client(inFolder(folder))
		for who, a := range map[string]Access{
			"nobody": {}, "somebody": {Pull: ring{f.host: me}},
			"another": {Pull: ring{f.host: {Username: "me", Password: "hunter3"}}}, "with roots": {Roots: roots},
		} {
			f.requests()
			learn(t, as(t, parent, a), needed)
			want := "GET"
			if restart {
				want = ""
			}
			if asked := f.requests(); methods(asked) != want {
				t.Errorf("%s: asked %q", who, asked)
			}
		}
	}
	for _, name := range filesOf(t, folder) {
		if strings.Contains(name, "app") || strings.Contains(name, "hunter") {
			t.Errorf("a file's name tells of %s", name)
		}
	}
}

func TestALayerIsReadOnceForAllWhoAskAtOnce(t *testing.T) {
	f := newFake(t)
	plain := layerTar(t, "etc/one", "1")
	needed := f.putLayer(plain, plain)
	all := make(chan struct{})
	f.fault = serving(func(w http.ResponseWriter, r *http.Request) {
		<-all
		f.contents.ServeHTTP(w, r)
	})
	c := f.client()
	var asking, done sync.WaitGroup
	for range 20 {
		asking.Add(1)
		done.Go(func() {
			asking.Done()
			if _, err := c.Layers(t.Context(), []safety.Layer{needed}); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	close(all)
	done.Wait()
	if asked := f.requests(); methods(asked) != "GET" {
		t.Errorf("asked %q", asked)
	}
}

func TestFewLayersAreReadAtTheSameTime(t *testing.T) {
	f := newFake(t)
	var needed []safety.Layer
	for _, name := range strings.Split("abcdefghij", "") {
		plain := layerTar(t, name, name)
		needed = append(needed, f.putLayer(plain, plain))
	}
	var now, most atomic.Int32
	f.fault = serving(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		f.contents.ServeHTTP(w, r)
	})
	c := f.client()
	var all sync.WaitGroup
	for i := range needed {
		all.Go(func() {
			if _, err := c.Layers(t.Context(), append(needed[i:len(needed):len(needed)], needed[:i]...)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if asked := f.requests(); len(asked) != len(needed) || most.Load() > layersAtOnce {
		t.Errorf("%d at the same time: %q", most.Load(), asked)
	}
}

func TestWhoGivesUpBeginsNothingMore(t *testing.T) {
	f := newFake(t)
	plain := layerTar(t, "etc/one", "1")
	var needed []safety.Layer
	for i := range 50 {
		l := f.putLayer(plain, plain)
		l.Layer.Digest = diffID("missing", i)
		needed = append(needed, l)
	}
	if _, err := f.client().Layers(t.Context(), needed); KindOf(err) != NotFound {
		t.Errorf("got %v", err)
	}
	if asked := f.requests(); len(asked) > 2*layersAtOnce {
		t.Errorf("after the first failure, %d were asked for", len(asked))
	}
	// What was waiting for its turn may still go on at the first.
	other := newFake(t)
	for i := range needed {
		needed[i].Ref = other.ref("app:1")
	}
	if _, err := other.client().Layers(ended(t), needed); !errors.Is(err, context.Canceled) || len(other.requests()) != 0 {
		t.Errorf("got %v", err)
	}
}
