package rebase_test

import (
	"fmt"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// many is a JSON list of the same entry.
func many(entry string, count int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(entry+",", count), ",") + "]"
}

// keys is a JSON object with as many keys.
func keys(count int) string {
	var all strings.Builder
	for i := range count {
		fmt.Fprintf(&all, `,"k%d":{}`, i)
	}
	return "{" + all.String()[1:] + "}"
}

func TestDocumentsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ top, want string }{
		"a history without end":         {`{"history":` + many("{}", 10_000) + `}`, "more than 4096 entries"},
		"an environment without end":    {`{"config":{"Env":` + many(`"A=1"`, 10_000) + `}}`, "more than 4096 entries"},
		"labels without end":            {`{"config":{"Labels":` + keys(10_000) + `}}`, "more than 4096 keys"},
		"fields without end":            {keys(10_000), "more than 4096 keys"},
		"layers without end":            {`{"rootfs":{"diff_ids":` + many(`"sha256:"`, 10_000) + `}}`, "more than 4096 entries"},
		"more layers than are taken":    {`{"rootfs":{"diff_ids":` + many(`"`+diffID("a")+`"`, 1001) + `}}`, "1001 layers"},
		"a field that is there twice":   {`{"config":{"Labels":{"a":"1","a":"2"}}}`, `"a" is there twice`},
		"a result larger than is taken": {`{"x":"` + strings.Repeat("x", 8<<20) + `"}`, "no more than 8388608 are read"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			app := made{layers: []string{"a", "x"}, top: test.top}
			if strings.HasPrefix(test.want, "1001") {
				app.edit = func(m *ocispec.Manifest) {
					for len(m.Layers) < 1001 {
						m.Layers = append(m.Layers, m.Layers[0])
					}
				}
			}
			base := w.push(baseRepository, made{layers: []string{"a"}})
			_, err := w.builder().Plan(t.Context(), request(w.push(appRepository, app), base, base))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %.300v, want a refusal with %q", err, test.want)
			}
		})
	}
}

// TestLargeDocumentsAreMerged has fields that are as large as a config may be, and that say the same otherwise.
func TestLargeDocumentsAreMerged(t *testing.T) {
	w := newWorld(t)
	const count = 1 << 20
	field := func(entry string) string { return `{"x":` + many(entry, count) + `}` }
	from := w.push(baseRepository, made{layers: []string{"a"}, top: field("[]")})
	to := w.push(baseRepository, made{layers: []string{"b"}, top: `{"x":1}`})
	for name, entry := range map[string]string{"the same": "[]", "the same, spelled otherwise": " []"} {
		source := w.push(appRepository, made{layers: []string{"a", "x"}, top: field(entry)})
		if config := w.plan(request(source, from, to)).Images[0].Config; len(config) > 1<<10 {
			t.Errorf("%s: the result has %d bytes", name, len(config))
		}
	}
	deep := made{layers: []string{"a", "x"}, top: `{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`}
	if config := w.plan(request(w.push(appRepository, deep), from, to)).Images[0].Config; len(config) < 18000 {
		t.Errorf("a deep field is lost: %d bytes are left", len(config))
	}
}
