package registry

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestContentIsCheckedBeforeItIsBelieved(t *testing.T) {
	tests := map[string]struct {
		stored func(*fake) descriptor
		fault  func(http.ResponseWriter, *http.Request) bool
		says   string
	}{
		"a manifest with other bytes": {
			stored: func(f *fake) descriptor { return f.putImage("1", "amd64") },
			fault:  answering("manifests/", []byte("{}")), says: "not what its digest says",
		},
		"a config with other bytes": {
			stored: func(f *fake) descriptor { return f.putImage("1", "amd64") },
			fault:  answering("blobs/", []byte("{}")), says: "not what its digest says",
		},
		"a manifest that is too large": {
			stored: func(f *fake) descriptor { return f.putImage("1", "amd64") },
			fault:  answering("manifests/", make([]byte, maxManifest+1)), says: "larger than 4194304 bytes",
		},
		"a config that says it is too large": {
			stored: edited(func(d *document) { d.Config.Size = maxConfig + 1 }), says: "no more than 8388608 are read",
		},
		"a config of another size than it says": {
			stored: edited(func(d *document) { d.Config.Size++ }), says: "and not the",
		},
		"more layers than any image needs": {
			stored: edited(func(d *document) { d.Layers = make(descriptors, maxDescriptors+1) }), says: "more than 1000 entries",
		},
		"other layers than the config's": {
			stored: edited(func(d *document) { d.Layers = d.Layers[:1] }), says: "tells of 2 layers and its manifest of 1",
		},
		"a chart": {
			stored: edited(func(d *document) { d.Config.MediaType = "application/vnd.cncf.helm.config.v1+json" }),
			says:   "not a container image: its config is",
		},
		"a digest that is none": {
			stored: edited(func(d *document) { d.Config.Digest = "sha256:../../x" }), says: "not a sha256 digest",
		},
		"a size below zero": {
			stored: edited(func(d *document) { d.Config.Size = -1 }), says: "a size below zero",
		},
		"a manifest and an index in one": {
			stored: raw(`{"schemaVersion":2,"manifests":[],"config":{},"layers":[]}`), says: "neither an index nor",
		},
		"an index that says it is a manifest": {
			stored: raw(`{"schemaVersion":2,"mediaType":"` + typeOCIManifest + `","manifests":[]}`), says: "not that of its form",
		},
		"a list that is none": {
			stored: raw(`{"schemaVersion":2,"manifests":"x"}`), says: "not JSON of the right form",
		},
		"Docker's first schema": {
			stored: raw(`{"schemaVersion":1,"fsLayers":[]}`), says: "schema 1",
		},
		"nothing of an image": {
			stored: raw(`{"schemaVersion":2}`), says: "neither an index nor",
		},
		"an index within an index": {
			stored: func(f *fake) descriptor {
				inner := f.putIndex("inner", f.putImage("1", "amd64"))
				inner.MediaType = typeOCIManifest
				return f.putIndex("1", inner)
			},
			says: "and it is an index",
		},
		"more images than anyone needs": {
			stored: func(f *fake) descriptor {
				entries := make(descriptors, maxChildren+1)
				for i := range entries {
					entries[i] = f.putImage("1", "amd64")
				}
				return f.putIndex("1", entries...)
			},
			says: "no more than 64",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			stored := tt.stored(f)
			f.fault = tt.fault
			got, err := f.client().Inspect(t.Context(), f.ref("app@"+stored.Digest), nil)
			if KindOf(err) != BadContent || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %+v, %s: %v", got, KindOf(err), err)
			}
		})
	}
}

func TestWhatWasRefusedIsNotKept(t *testing.T) {
	f := newFake(t)
	stored := f.putImage("1", "amd64")
	c, ref := f.client(), f.ref("app@"+stored.Digest)
	f.fault = answering("manifests/", []byte("{}"))
	if _, err := c.Inspect(t.Context(), ref, nil); KindOf(err) != BadContent {
		t.Fatal(err)
	}
	f.fault = nil
	if _, err := c.Inspect(t.Context(), ref, nil); err != nil {
		t.Error(err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory[int](10)
	m.most = 5
	m.put("a", 1, 4)
	m.put("b", 2, 4)
	m.get("a")
	m.put("c", 3, 4)
	if _, ok := m.get("b"); ok {
		t.Error("what was used least recently is kept beyond the room")
	}
	m.put("a", 4, 1)
	if got, _ := m.get("a"); got != 4 {
		t.Errorf("a is %d", got)
	}
	for _, cost := range []int{6, 11} {
		m.put("huge", 5, cost)
		if _, ok := m.get("huge"); ok || m.room != 5 || len(m.kept) != 2 {
			t.Errorf("what costs %d is kept, or drives others out: %d of room, %d values", cost, m.room, len(m.kept))
		}
	}
	if m.put("a", 6, 11); len(m.kept) != 1 || m.room != 6 {
		t.Errorf("an old value stays in place of one that is too large: %d of room, %d values", m.room, len(m.kept))
	}
	m.forget("huge")
	if whole := newMemory[int](80); whole.most != 10 {
		t.Errorf("one value may take %d of 80", whole.most)
	}
}

func TestCreatedIsNoReasonToRefuse(t *testing.T) {
	for _, created := range []string{"", "yesterday", "2026-08-01T10:00:00.123456789Z"} {
		if got := (config{Created: created}).created(); got.IsZero() != (len(created) < 10) {
			t.Errorf("%q is %s", created, got.Format(time.RFC3339))
		}
	}
}

// answering answers with a body wherever the path has the part.
func answering(part string, body []byte) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, part) {
			_, _ = w.Write(body)
			return true
		}
		return false
	}
}

func edited(edit func(*document)) func(*fake) descriptor {
	return func(f *fake) descriptor { return f.putImage("1", "amd64", edit) }
}

func raw(manifest string) func(*fake) descriptor {
	return func(f *fake) descriptor { return f.put(typeOCIManifest, "1", []byte(manifest)) }
}
