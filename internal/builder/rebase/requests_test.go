package rebase_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

// reads of the two bases: what a registry client that has read them before answers from memory.
func (w world) baseReads() int { return w.count("GET " + baseRepository) }

func TestASingleImageCostsTheFloor(t *testing.T) {
	for name, test := range map[string]struct {
		old, new, app string
		output        string
		mounts        int
	}{
		"one new layer":                         {"a", "b", "a x", output, 1},
		"three new layers":                      {"a", "b c d", "a x", output, 3},
		"a base that grew by one":               {"a b c", "a b c d", "a b c x", output, 1},
		"a base that only changed its config":   {"a", "a", "a x", output, 0},
		"into another repository, all of it":    {"a", "b", "a x y", "registry.example.com/mirror/app:1", 3},
		"into the base's repository, the app's": {"a", "b", "a x y", baseRepository + ":patched", 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			from := w.push(baseRepository, made{layers: strings.Fields(test.old), run: `{"User":"1"}`})
			to := w.push(baseRepository, made{layers: strings.Fields(test.new)})
			req := request(w.push(appRepository, made{layers: strings.Fields(test.app)}), from, to)
			req.Output = test.output
			w.build(req)
			// A manifest and a config to read, a config to open and to send, a manifest to put.
			if got, want := len(w.requests)-w.baseReads(), test.mounts+5; got != want {
				t.Errorf("%d requests beside the bases', want %d: %q", got, want, w.requests)
			}
			if got := w.baseReads(); got != 4 {
				t.Errorf("%d requests to read two bases, want 4", got)
			}
		})
	}
}

func TestAnIndexCostsTwoMoreAndTheSameForEachChild(t *testing.T) {
	for _, children := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(children), func(t *testing.T) {
			w := newWorld(t)
			var app, old, new []string
			for i := range children {
				platform := fmt.Sprintf("linux/p%d", i)
				app, old = append(app, fmt.Sprintf("%s a%d x%d", platform, i, i)), append(old, fmt.Sprintf("%s a%d", platform, i))
				new = append(new, fmt.Sprintf("%s b%d c%d", platform, i, i))
			}
			w.build(request(w.indexOf(appRepository, nil, app...), w.based(old...), w.based(new...)))
			// Provenance: a statement to open and to send and a manifest to put for each, and one config for all.
			floor, provenance := 2+children*(2+5), children*3+2
			if got := len(w.requests) - w.baseReads(); got != floor+provenance || provenance > children*5 {
				t.Errorf("%d requests beside the bases', want %d: %q", got, floor+provenance, w.requests)
			}
			if got := w.baseReads(); got != 2*(1+2*children) {
				t.Errorf("%d requests to read two bases with %d images each", got, children)
			}
		})
	}
}

func TestWhatHasNotMovedCostsItsReadingOnly(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/arm64 b y")
	w.build(request(source, w.based("linux/amd64 a", "linux/arm64 b"), w.based("linux/amd64 a", "linux/arm64 b", "linux/s390x c")))
	if got := len(w.requests) - w.baseReads(); got != 2+2*2 {
		t.Errorf("%d requests, want the index and the images read and an index put: %q", got, w.requests)
	}
}

func TestThePlanTellsTheRequestsThatAreMade(t *testing.T) {
	for name, output := range map[string]string{
		"in the source's repository": output, "in another one": "registry.example.com/mirror/app:1", "on another registry": "other.example.com/app:1",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			source := w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/arm64 b y")
			req := request(source, w.based("linux/amd64 a", "linux/arm64 b"), w.based("linux/amd64 c", "linux/arm64 b"))
			req.Output = output
			var told int
			for _, write := range w.plan(req).Writes {
				told += len(write.Requests())
			}
			if w.count("P") != 0 {
				t.Fatalf("planning wrote: %q", w.requests)
			}
			w.requests = nil
			w.build(req)
			// Everything is read before anything is written, but for the layers that are copied.
			writing := w.requests[slices.IndexFunc(w.requests, func(r string) bool { return !strings.HasPrefix(r, "GET") }):]
			if made := len(writing); made != told {
				t.Errorf("%d requests were made and %d told: %q", made, told, w.requests)
			}
		})
	}
}

func TestRequestsAreToldAsRegistriesAreAsked(t *testing.T) {
	w := newWorld(t)
	source := w.indexOf(appRepository, nil, "linux/amd64 a x")
	var told []string
	for _, write := range w.plan(request(source, w.based("linux/amd64 a"), w.based("linux/amd64 b"))).Writes {
		for _, request := range write.Requests() {
			told = append(told, masked(request))
		}
	}
	want := []string{
		"POST /v2/team/app/blobs/uploads/?from=base%2Fdebian&mount=sha256%3A…",
		"POST /v2/team/app/blobs/uploads/", "PUT /v2/team/app/blobs/uploads/…?digest=sha256:…",
		"POST /v2/team/app/blobs/uploads/", "PUT /v2/team/app/blobs/uploads/…?digest=sha256:…",
		"POST /v2/team/app/blobs/uploads/", "PUT /v2/team/app/blobs/uploads/…?digest=sha256:…",
		"PUT /v2/team/app/manifests/sha256:…", "PUT /v2/team/app/manifests/sha256-….att",
		"PUT /v2/team/app/manifests/1.0-respin-abc",
	}
	if !slices.Equal(told, want) {
		t.Errorf("got\n%s", strings.Join(told, "\n"))
	}
}

// masked is a request without its digests.
func masked(request string) string {
	for _, mark := range []string{"sha256:", "sha256%3A", "sha256-"} {
		if before, after, ok := strings.Cut(request, mark); ok && len(after) >= 64 {
			return before + mark + "…" + after[64:]
		}
	}
	return request
}

func TestTheTagMovesLastOrNotAtAll(t *testing.T) {
	everything := func() (world, builder.Request) {
		w := newWorld(t)
		req := request(w.indexOf(appRepository, nil, "linux/amd64 a x", "linux/arm64 b y"),
			w.based("linux/amd64 a", "linux/arm64 b"), w.based("linux/amd64 c", "linux/arm64 d"))
		req.Output = "registry.example.com/mirror/app:1"
		return w, req
	}
	w, req := everything()
	w.build(req)
	if last := w.requests[len(w.requests)-1]; last != "PUT registry.example.com/mirror/app/manifests/1" {
		t.Fatalf("the last request was %s", last)
	}
	for at := range len(w.requests) {
		w, req := everything()
		broken, n := errors.New("the registry is down"), 0
		w.fails = func(string) error {
			if n++; n == at+1 {
				return broken
			}
			return nil
		}
		if _, err := w.builder().Build(context.Background(), req, nil); !errors.Is(err, broken) {
			t.Errorf("request %d failed, and the build said %v", at+1, err)
		}
		if tag, ok := w.in("registry.example.com/mirror/app").tags["1"]; ok {
			t.Errorf("request %d failed, and the tag stands at %s", at+1, tag)
		}
		w.fails = nil
		w.build(req)
	}
}

func TestGivingUpEndsTheWork(t *testing.T) {
	w := newWorld(t)
	req := request(w.indexOf(appRepository, nil, "linux/amd64 a x"), w.based("linux/amd64 a"), w.based("linux/amd64 b"))
	ctx, cancel := context.WithCancel(context.Background())
	w.fails = func(request string) error {
		if strings.HasPrefix(request, "POST") {
			cancel()
		}
		return nil
	}
	if _, err := w.builder().Build(ctx, req, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(w.in(appRepository).tags) != 0 {
		t.Errorf("it went on to %v", w.in(appRepository).tags)
	}
}

func TestLayersComeFromTheSameRegistryWhereTheyCan(t *testing.T) {
	w := newWorld(t)
	hub := "docker.io/library/debian"
	from, to := w.push(hub, made{layers: []string{"a"}}), w.push(hub, made{layers: []string{"a", "b"}})
	req := request(w.push(appRepository, made{layers: []string{"a", "x"}}), from, to)
	req.Base.Reference = hub + ":12"
	req.Output = "registry.example.com/mirror/app:1"
	w.build(req)
	if got := w.count("GET " + hub + "/blobs/"); got != 2+1 {
		t.Errorf("%d blobs were read from the base's registry, want two configs and one layer: %q", got, w.requests)
	}
}

func TestProgressIsToldStepByStep(t *testing.T) {
	w := newWorld(t)
	req := request(w.push(appRepository, made{layers: []string{"a", "x"}}),
		w.push(baseRepository, made{layers: []string{"a"}}), w.push(baseRepository, made{layers: []string{"b"}}))
	var told []string
	report := func(p builder.Progress) { told = append(told, fmt.Sprintf("%d/%d %s", p.Step, p.Steps, p.Current)) }
	if _, err := w.builder().Build(t.Context(), req, report); err != nil {
		t.Fatal(err)
	}
	want := []string{"1/4 reading the images", "2/4 pushing layers and configs", "3/4 pushing manifests", "4/4 pushing the tag"}
	if !slices.Equal(told, want) {
		t.Errorf("got %q", told)
	}
}

func TestAMissingImageIsTheRegistrysError(t *testing.T) {
	w := newWorld(t)
	base := w.push(baseRepository, made{layers: []string{"a"}})
	app := w.push(appRepository, made{layers: []string{"a", "x"}})
	for name, req := range map[string]builder.Request{
		"the source": request(base.WithDigest(base.Digest), app, base),
		"the base":   request(app, base, app), "the old base": request(app, app, base),
	} {
		if name == "the source" {
			req.Source = image.Reference{Repository: appRepository, Digest: base.Digest}
		}
		if _, err := rebase.New(w.store, "").Plan(t.Context(), req); !errors.Is(err, errNotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
