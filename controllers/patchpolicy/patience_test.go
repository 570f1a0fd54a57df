package patchpolicy

import (
	"context"
	"testing"
	"time"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/registry"
)

// faulty is a registry of which every request fails; it counts them by image.
type faulty struct {
	Registry
	kind  registry.Kind
	asked map[string]int
}

func (f *faulty) Inspect(_ context.Context, ref image.Reference, _ []image.Platform) (image.Image, error) {
	f.asked[ref.Repository]++
	return image.Image{}, &registry.Error{Kind: f.kind, Reference: ref.String(), Message: "no"}
}

func TestPatient(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	one, other := image.Reference{Repository: "registry.example/one"}, image.Reference{Repository: "registry.example/other"}
	for sentence, test := range map[string]struct {
		kind  registry.Kind
		looks []time.Duration // when each look is, with an interval of a minute
		want  map[string]int
	}{
		"what was not found is not asked for again within the interval": {
			kind: registry.NotFound, looks: []time.Duration{0, 30 * time.Second},
			want: map[string]int{one.Repository: 1, other.Repository: 1},
		},
		"what was not found is asked for again after the interval": {
			kind: registry.NotFound, looks: []time.Duration{0, 61 * time.Second},
			want: map[string]int{one.Repository: 2, other.Repository: 2},
		},
		"a registry that does not answer is asked once in a look, whatever the number of images": {
			kind: registry.Unreachable, looks: []time.Duration{0},
			want: map[string]int{one.Repository: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			source := &faulty{kind: test.kind, asked: map[string]int{}}
			var known failures
			for _, at := range test.looks {
				now := start.Add(at)
				p := patient{Registry: source, failures: &known, silent: map[string]error{}, now: now, notBefore: now.Add(-time.Minute)}
				for _, ref := range []image.Reference{one, other} {
					if _, err := p.Inspect(context.Background(), ref, nil); registry.KindOf(err) != test.kind {
						t.Errorf("inspecting %s: got %v, want an error of kind %s", ref.Repository, err, test.kind)
					}
				}
			}
			for _, ref := range []image.Reference{one, other} {
				if got := source.asked[ref.Repository]; got != test.want[ref.Repository] {
					t.Errorf("%s was asked for %d times, want %d", ref.Repository, got, test.want[ref.Repository])
				}
			}
		})
	}
}
