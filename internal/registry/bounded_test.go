package registry

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// many is JSON of an entry so many times over.
func many(entry string, times int) string {
	return strings.TrimSuffix(strings.Repeat(entry+",", times), ",")
}

// names is JSON of a map with so many names.
func names(count int) string {
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf(`"%x":""`, i))
	}
	return "{" + strings.Join(all, ",") + "}"
}

func TestWhatAFewBytesMakeMuchOfIsBoundedWhileItIsRead(t *testing.T) {
	configOf := func(what string) string { return `{"config":{` + what + `}}` }
	tests := map[string]struct {
		config string
		right  bool
	}{
		"as many steps as there may be":  {`{"history":[` + many("{}", maxEntries) + `]}`, true},
		"a step more":                    {`{"history":[` + many("{}", maxEntries+1) + `]}`, false},
		"too many DiffIDs":               {`{"rootfs":{"diff_ids":[` + many(`""`, maxEntries+1) + `]}}`, false},
		"too many variables":             {configOf(`"Env":[` + many(`""`, maxEntries+1) + `]`), false},
		"too many words of a command":    {configOf(`"Cmd":[` + many(`""`, maxEntries+1) + `]`), false},
		"as many labels as there may be": {configOf(`"Labels":` + names(maxEntries)), true},
		"a label more":                   {configOf(`"Labels":` + names(maxEntries+1)), false},
		"nothing where a list belongs":   {configOf(`"Cmd":null,"Labels":null`), true},
		"a null where a word belongs":    {configOf(`"Cmd":[null],"Labels":{"a":null}`), true},
		"a map where a list belongs":     {configOf(`"Cmd":{}`), false},
		"a list where a map belongs":     {configOf(`"Labels":[]`), false},
		"a number where a word belongs":  {configOf(`"Labels":{"a":1}`), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var read config
			if err := decode([]byte(tt.config), "config", &read); (err == nil) != tt.right {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnnotationsAreBounded(t *testing.T) {
	entry := `{"annotations":` + names(maxEntries) + `}`
	for name, tt := range map[string]struct {
		manifest string
		right    bool
	}{
		"as many as one may have":      {`{"annotations":` + names(maxEntries) + `}`, true},
		"one more":                     {`{"annotations":` + names(maxEntries+1) + `}`, false},
		"as many as entries may have":  {`{"manifests":[` + many(entry, 4) + `]}`, true},
		"one more, of another entry":   {`{"manifests":[` + many(entry, 4) + `,{"annotations":{"a":""}}]}`, false},
		"more than one entry may have": {`{"layers":[{"annotations":` + names(maxEntries+1) + `}]}`, false},
	} {
		var read document
		if err := decode([]byte(tt.manifest), "manifest", &read); (err == nil) != tt.right {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// putChildren stores an index of images whose configs have the part, each with its own architecture.
func (f *fake) putChildren(count int, part string) descriptor {
	f.t.Helper()
	var entries []descriptor
	for i := range count {
		p := platform{OS: "linux", Architecture: fmt.Sprintf("a%d", i)}
		of := f.putBlob(typeOCIConfig, []byte(`{"os":"linux","architecture":"`+p.Architecture+`",`+part+`}`))
		entry := f.put(typeOCIManifest, p.Architecture, marshal(document{
			SchemaVersion: 2, MediaType: typeOCIManifest, Config: &of, Layers: descriptors{},
		}))
		entry.Platform = &p
		entries = append(entries, entry)
	}
	return f.putIndex("1", entries...)
}

func TestAnImageCannotTakeAllMemory(t *testing.T) {
	const children, each, most = 12, 8_000_000, 256 << 20
	for name, tt := range map[string]struct{ part, says string }{
		"lists of nothing": {`"history":[` + many("{}", each/3) + `]`, "more than 4096 entries"},
		"one long word":    {`"config":{"User":"` + strings.Repeat("x", each) + `"}`, "more than 33554432 bytes together"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			top := f.putChildren(children, tt.part)
			c := f.client(func(o *Options) { o.Timeout = time.Minute })
			before := heap()
			_, err := c.Inspect(t.Context(), f.ref("app@"+top.Digest), nil)
			if KindOf(err) != BadContent || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
			if more := heap() - before; more > most {
				t.Errorf("%d bytes are kept", more)
			}
			runtime.KeepAlive(c)
		})
	}
}

// heap is what is in use of the heap, in bytes.
func heap() int64 {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return int64(now.HeapAlloc)
}
