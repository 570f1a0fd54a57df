package registry

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

const statement = `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":
{"buildDefinition":{"resolvedDependencies":[{"uri":"pkg:docker/debian@12?platform=linux%2Famd64","digest":
{"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}]}}}`

var (
	amd64 = image.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = image.Platform{OS: "linux", Architecture: "arm64"}
	s390x = image.Platform{OS: "linux", Architecture: "s390x"}
)

func TestInspectSingleImage(t *testing.T) {
	f := newFake(t)
	d := f.putImage("1", "amd64", func(d *document) { d.Annotations = map[string]string{"a": "b"} })
	got, err := f.client().Inspect(t.Context(), f.ref("app@"+d.Digest), []image.Platform{arm64})
	if err != nil {
		t.Fatal(err)
	}
	want := image.Image{
		Digest: d.Digest, MediaType: typeOCIManifest, Annotations: map[string]string{"a": "b"},
		Children: []image.Child{{
			Platform: amd64, Digest: d.Digest, Annotations: map[string]string{"a": "b"},
			DiffIDs: []string{diffID("amd64", 0), diffID("amd64", 1)},
			Layers:  fakeLayers(),
			Created: time.Date(2026, 8, 1, 10, 0, 0, 0, time.UTC),
			Config:  image.Config{User: "app", Env: []string{"A=b"}, History: []image.History{{CreatedBy: "RUN make"}}},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestInspectIndex(t *testing.T) {
	f := newFake(t)
	amd := f.putImage("amd", "amd64", func(d *document) { d.Annotations = map[string]string{"a": "own"} })
	amd.Annotations = map[string]string{"a": "entry's", "b": "entry's"}
	arm := f.putImage("arm", "arm64")
	top := f.putIndex("1", amd, f.putProvenance(amd, statement), arm, f.putProvenance(arm, statement))
	ref := f.ref("app:1").WithDigest(top.Digest)
	tests := map[string]struct {
		platforms []image.Platform
		want      []image.Platform
		requests  int
	}{
		"all platforms, and no attestation":  {nil, []image.Platform{amd64, arm64}, 5},
		"one platform":                       {[]image.Platform{arm64}, []image.Platform{arm64}, 3},
		"a platform that it is not made for": {[]image.Platform{s390x}, []image.Platform{}, 1},
		"several, of which it has one":       {[]image.Platform{s390x, amd64}, []image.Platform{amd64}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := f.client()
			f.requests()
			got, err := c.Inspect(t.Context(), ref, tt.platforms)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Index || got.Annotations["of"] != "index" || !reflect.DeepEqual(got.Platforms(), tt.want) {
				t.Errorf("got %+v", got)
			}
			if asked := f.requests(); len(asked) != tt.requests {
				t.Errorf("asked %q", asked)
			}
			if _, err := c.Inspect(t.Context(), ref, tt.platforms); err != nil || len(f.requests()) != 0 {
				t.Errorf("again, it is not from memory (%v)", err)
			}
		})
	}
	got, _ := f.client().Inspect(t.Context(), ref, []image.Platform{amd64})
	if a := got.Children[0].Annotations; a["a"] != "own" || a["b"] != "entry's" {
		t.Errorf("an entry's annotations complete the image's own: %v", a)
	}
}

func TestInspectTakesDockersMediaTypes(t *testing.T) {
	f := newFake(t)
	d := f.putImage("amd", "amd64", func(d *document) {
		d.MediaType, d.Config.MediaType = typeDockerManifest, typeDockerConfig
	})
	top := f.put(typeDockerList, "1", marshal(document{SchemaVersion: 2, MediaType: typeDockerList, Manifests: descriptors{d}}))
	got, err := f.client().Inspect(t.Context(), f.ref("app@"+top.Digest), nil)
	if err != nil || !got.Index || len(got.Children) != 1 || got.Children[0].Platform != amd64 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestInspectFindsThePlatformOfAnEntryThatSaysNone(t *testing.T) {
	f := newFake(t)
	amd, arm := f.putImage("amd", "amd64"), f.putImage("arm", "arm64")
	amd.Platform, arm.Platform = nil, nil
	top := f.putIndex("1", amd, arm)
	got, err := f.client().Inspect(t.Context(), f.ref("app@"+top.Digest), []image.Platform{arm64})
	if err != nil || !reflect.DeepEqual(got.Platforms(), []image.Platform{arm64}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestInspectNeedsADigest(t *testing.T) {
	if _, err := New(Options{}).Inspect(t.Context(), image.Reference{Repository: "r.example/a", Tag: "1"}, nil); err == nil {
		t.Error("a tag alone is inspected")
	}
}

func TestProvenance(t *testing.T) {
	f := newFake(t)
	amd, arm := f.putImage("amd", "amd64"), f.putImage("arm", "arm64")
	top := f.putIndex("1", amd, arm, f.putProvenance(amd, statement))
	c, ref := f.client(), f.ref("app@"+top.Digest)
	inspected, err := c.Inspect(t.Context(), ref, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.requests()
	got, err := c.Provenance(t.Context(), ref, inspected)
	if err != nil {
		t.Fatal(err)
	}
	materials := got.Children[0].Materials
	if len(materials) != 1 || materials[0].Reference.Familiar() != "debian:12" || got.Children[1].Materials != nil {
		t.Errorf("got %+v", got.Children)
	}
	if asked := f.requests(); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
	if inspected.Children[0].Materials != nil {
		t.Error("what the caller has was changed")
	}
	if again, err := c.Provenance(t.Context(), ref, inspected); err != nil || len(f.requests()) != 0 || !reflect.DeepEqual(again, got) {
		t.Errorf("again, it is not the same from memory (%v)", err)
	}
}

func TestProvenanceThatCannotBeReadIsSaidSo(t *testing.T) {
	f := newFake(t)
	amd := f.putImage("amd", "amd64")
	top := f.putIndex("1", amd, f.putProvenance(amd, "<html>"))
	c, ref := f.client(), f.ref("app@"+top.Digest)
	inspected, err := c.Inspect(t.Context(), ref, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Provenance(t.Context(), ref, inspected)
	if KindOf(err) != BadContent || !strings.Contains(err.Error(), "not an in-toto statement") {
		t.Errorf("got %v", err)
	}
}
