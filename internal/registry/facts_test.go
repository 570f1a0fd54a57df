package registry

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-logr/logr/funcr"

	"github.com/respin-dev/respin/internal/image/safety"
)

// counted is the option for a log that counts what it is told.
func counted(said *atomic.Int32) func(*Options) {
	log := funcr.New(func(string, string) { said.Add(1) }, funcr.Options{})
	return func(o *Options) { o.Log = log }
}

func TestDamagedFactsAreReadAnew(t *testing.T) {
	damages := map[string]func(raw []byte) []byte{
		"a bit that turned":      func(raw []byte) []byte { raw[len(raw)/2] ^= 1; return raw },
		"a file cut short":       func(raw []byte) []byte { return raw[:len(raw)-1] },
		"a file with more":       func(raw []byte) []byte { return append(raw, 0) },
		"an empty file":          func([]byte) []byte { return nil },
		"another form":           func(raw []byte) []byte { raw[0] ^= 1; return raw },
		"what is no such file":   func([]byte) []byte { return []byte(strings.Repeat("{}", 1000)) },
		"a file beyond all size": func([]byte) []byte { return make([]byte, maxFile+1) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			f, folder := newFake(t), t.TempDir()
			plain := layerTar(t, "etc/one", "1")
			needed := f.putLayer(plain, plain)
			learn(t, f.client(inFolder(folder)), needed)
			path := filepath.Join(folder, filesOf(t, folder)[0])
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, asked := range []string{"GET", ""} {
				f.requests()
				learn(t, f.client(inFolder(folder)), needed)
				if got := f.requests(); methods(got) != asked {
					t.Errorf("asked %q; want %q", got, asked)
				}
			}
		})
	}
}

func TestAFolderThatCannotBeUsedIsToldOfOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gone := t.TempDir()
	for name, tt := range map[string]struct {
		folder string
		lose   func()
	}{
		"a file in its place":        {file, func() {}},
		"a folder that went missing": {gone, func() { os.RemoveAll(gone) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var said atomic.Int32
			c := f.client(inFolder(tt.folder), counted(&said))
			tt.lose()
			for _, name := range []string{"one", "two", "one"} {
				plain := layerTar(t, name, name)
				learn(t, c, f.putLayer(plain, plain))
			}
			if asked := f.requests(); methods(asked) != "GET GET" || said.Load() != 1 {
				t.Errorf("asked %q, and said so %d times", asked, said.Load())
			}
		})
	}
}

func TestTheFolderHoldsNoMoreThanItMay(t *testing.T) {
	f, folder := newFake(t), t.TempDir()
	var needed []safety.Layer
	for _, name := range strings.Split("abcdefghij", "") {
		plain := layerTar(t, name, name)
		needed = append(needed, f.putLayer(plain, plain))
	}
	c := f.client(inFolder(folder), func(o *Options) { o.FactsBytes = 1000 })
	learn(t, c, needed...)
	var total int64
	for _, name := range filesOf(t, folder) {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total == 0 || total > 1000 {
		t.Errorf("it holds %d bytes", total)
	}
}
