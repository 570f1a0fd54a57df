package rebase_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

var update = flag.Bool("update", false, "write the golden files anew")

// ordinary is a world with an image such as people have, in an index and alone.
func ordinary(t *testing.T) (w world, index, single, from, to image.Reference) {
	w = newWorld(t)
	base := func(layer, run, created string) made {
		return made{
			layers: []string{layer}, run: run, history: []string{"ADD " + layer, `-CMD ["bash"]`},
			top: `{"created":"` + created + `"}`,
		}
	}
	old := base("a", `{"Env":["PATH=/usr/bin:/bin","LANG=C"],"Cmd":["bash"],"Labels":{"v":"12.1"}}`, "2026-01-01T00:00:00Z")
	new := base("b", `{"Env":["PATH=/usr/sbin:/usr/bin:/bin","LANG=C.UTF-8"],"Cmd":["bash"],"Labels":{"v":"12.2","<&>":"é"}}`, "2026-03-01T00:00:00Z")
	app := made{
		layers: []string{"a", "x.zstd"}, annotations: map[string]string{"org.example.team": "payments"},
		run:     `{"Env":["PATH=/app/bin:/usr/bin:/bin","LANG=C"],"Cmd":["/app"],"User":"65532","Labels":{"v":"12.1"},"ExposedPorts":{"80/tcp":{}}}`,
		history: []string{"ADD a", `-CMD ["bash"]`, "COPY x", "-EXPOSE 80", `-CMD ["/app"]`},
		top:     `{"created":"2026-02-01T00:00:00Z","x.unknown":{"n":1.0}}`,
	}
	arm := app
	arm.platform, arm.layers = "linux/arm64", []string{"c", "y"}
	armBase := func(m made, layer string) made {
		m.platform, m.layers = "linux/arm64", []string{layer}
		return m
	}
	pair := func(repository string, a, b made) image.Reference {
		return w.index(repository, w.entry(w.push(repository, a), "linux/amd64"), w.entry(w.push(repository, b), "linux/arm64"))
	}
	from, to = pair(baseRepository, old, armBase(old, "c")), pair(baseRepository, new, armBase(new, "d"))
	return w, pair(appRepository, app, arm), w.push(appRepository, app), from, to
}

// TestTheSameInputsGiveTheSameBytesNextYear compares with documents that were written when this was. Whoever changes
// them gives every image another digest: that is a change to tell people of.
func TestTheSameInputsGiveTheSameBytesNextYear(t *testing.T) {
	w, index, single, from, to := ordinary(t)
	for name, source := range map[string]image.Reference{"index": index, "single": single} {
		t.Run(name, func(t *testing.T) {
			plan := w.plan(request(source, from, to))
			for _, one := range plan.Images {
				platform := strings.ReplaceAll(one.Platform.String(), "/", "-")
				golden(t, name+"-"+platform+"-config.json", one.Config)
				golden(t, name+"-"+platform+"-manifest.json", one.Manifest)
				golden(t, name+"-"+platform+"-provenance.json", one.Provenance)
			}
			golden(t, name+"-digest.txt", []byte(plan.Digest))
			golden(t, name+"-top.json", plan.Writes[len(plan.Writes)-1].Content)
		})
	}
}

// golden compares with a file that was written by an earlier version; none stands for no bytes.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update && got != nil {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && got != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestTheSameInputsGiveTheSameBytesEachTime(t *testing.T) {
	var first []string
	for range 20 {
		w, index, single, from, to := ordinary(t)
		digests := []string{w.build(request(index, from, to)).Digest, w.build(request(single, from, to)).Digest}
		if first == nil {
			first = digests
		}
		if digests[0] != first[0] || digests[1] != first[1] {
			t.Fatalf("got %q, and %q before", digests, first)
		}
	}
}

func TestTheTagIsNoPartOfTheResult(t *testing.T) {
	w, index, _, from, to := ordinary(t)
	req := request(index, from, to)
	first := w.plan(req)
	req.Output = appRepository + ":another"
	if second := w.plan(req); second.Digest != first.Digest {
		t.Errorf("got %s under one tag and %s under another", first.Digest, second.Digest)
	}
}

func TestPatchingAPatchedImageGivesWhatADirectRebaseDoes(t *testing.T) {
	for name, pick := range map[string]func(index, single image.Reference) image.Reference{
		"an index":       func(index, _ image.Reference) image.Reference { return index },
		"a single image": func(_, single image.Reference) image.Reference { return single },
	} {
		t.Run(name, func(t *testing.T) {
			w, index, single, from, to := ordinary(t)
			source := pick(index, single)
			later := w.based("linux/amd64 e f", "linux/arm64 g")
			direct := w.build(request(source, from, later))

			patched := w.build(request(source, from, to))
			original := image.Original(patched, image.Image{
				Digest: patched.Digest, Annotations: read[ocispec.Manifest](w, patched).Annotations,
			})
			if original.Digest != source.Digest {
				t.Fatalf("the patched image names %s as its source, want %s", original.Digest, source.Digest)
			}
			if again := w.build(request(original, from, later)); again.Digest != direct.Digest {
				t.Errorf("got %s, want %s", again.Digest, direct.Digest)
			}
		})
	}
}

func TestAnotherVersionOfRespinIsInTheProvenanceOnly(t *testing.T) {
	w, index, single, from, to := ordinary(t)
	for what, test := range map[string]struct {
		source image.Reference
		same   bool
	}{"an index": {index, false}, "a single image": {single, true}} {
		req := request(test.source, from, to)
		other, err := rebase.New(w.store, "v2.0.0").Plan(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		own := w.plan(req)
		if (own.Digest == other.Digest) != test.same || own.Images[0].Digest != other.Images[0].Digest {
			t.Errorf("%s: got %s and %s, its first image %s and %s", what, own.Digest, other.Digest, own.Images[0].Digest, other.Images[0].Digest)
		}
	}
}
