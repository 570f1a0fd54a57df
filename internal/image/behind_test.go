package image

import (
	"errors"
	"strings"
	"testing"
)

func TestBehind(t *testing.T) {
	// The base now: an index with an image for each of two platforms.
	base := index(nil,
		Child{Platform: amd64, Digest: "amd64-new", DiffIDs: []string{"1"}},
		Child{Platform: arm64, Digest: "arm64-new", DiffIDs: []string{"2"}})
	base.Digest = "index-new"
	old := func(amd, arm string) Image {
		i := index(nil, Child{Platform: amd64, Digest: amd}, Child{Platform: arm64, Digest: arm})
		i.Digest = "index-old"
		return i
	}
	app := index(nil,
		Child{Platform: amd64, Digest: "app-amd64", DiffIDs: []string{"1", "app"}},
		Child{Platform: arm64, Digest: "app-arm64", DiffIDs: []string{"0", "app"}})
	both := []Platform{amd64, arm64}

	tests := map[string]struct {
		records   []Record
		platforms []Platform
		recorded  []Image
		behind    bool
		reason    string
	}{
		"built on the current index is current": {
			records: on("index-new", "index-new"), platforms: both, reason: "current digest",
		},
		"built on the platforms' current images is current": {
			records: on("amd64-new", "arm64-new"), platforms: both, reason: "current digest",
		},
		"built on another platform's current image is behind": {
			records: on("arm64-new", "arm64-new"), platforms: both, behind: true, reason: "linux/amd64: the base moved",
		},
		"an old index with the current image is current": {
			records: on("index-old", "index-old"), platforms: []Platform{amd64},
			recorded: []Image{old("amd64-new", "arm64-old")}, reason: "for other platforms only",
		},
		"an old index with an old image is behind, if only one platform's is": {
			records: on("index-old", "index-old"), platforms: both,
			recorded: []Image{old("amd64-new", "arm64-old")}, behind: true, reason: "linux/arm64: the base moved from index-old",
		},
		"an old image of the platform's own is behind": {
			records: on("amd64-old", ""), platforms: []Platform{amd64},
			recorded: []Image{old("amd64-old", "arm64-old")}, behind: true, reason: "from amd64-old to index-new",
		},
		"an old index that is gone is behind": {
			records: on("index-old", "index-old"), platforms: []Platform{amd64}, behind: true, reason: "from index-old to index-new",
		},
		"an old index is not taken for another one": {
			records: on("index-older", "index-older"), platforms: []Platform{amd64},
			recorded: []Image{old("amd64-new", "arm64-new")}, behind: true, reason: "from index-older",
		},
		"nothing recorded, and the base's layers come first: current": {
			records: on("", ""), platforms: []Platform{amd64}, reason: "layers begin with",
		},
		"nothing recorded, and other layers come first: behind": {
			records: on("", ""), platforms: []Platform{arm64}, behind: true, reason: "do not begin with",
		},
		"every platform is judged where none is named": {
			records: on("index-new", "arm64-old"), behind: true, reason: "linux/arm64",
		},
		"a platform that does not run is not judged": {
			records: on("index-new", "arm64-old"), platforms: []Platform{amd64}, reason: "linux/amd64",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Behind(Lineage{Records: tt.records}, app, base, tt.platforms, tt.recorded...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Behind != tt.behind || !strings.Contains(got.Reason(), tt.reason) {
				t.Errorf("behind: %v, because %s", got.Behind, got.Reason())
			}
		})
	}
}

func TestBehindRefuses(t *testing.T) {
	base := layers(digestA, "d1") // for amd64 only
	tests := map[string]struct {
		app       Image
		platforms []Platform
		want      error
	}{
		"a base that lost the running platform":          {index(nil, Child{Platform: arm64}), []Platform{arm64}, ErrPlatformLost},
		"a base that lost a single image's own platform": {Image{Children: []Child{{Platform: arm64}}}, []Platform{amd64}, ErrPlatformLost},
		"an app of which nothing is known":               {Image{Index: true}, nil, ErrPlatformMissing},
		"an app that is not made for where it runs":      {index(nil, Child{Platform: amd64}), []Platform{arm64}, ErrPlatformMissing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := Behind(Lineage{}, tt.app, base, tt.platforms); !errors.Is(err, tt.want) {
				t.Errorf("got %+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestBaseWithoutLayersProvesNothing(t *testing.T) {
	app := single(nil)
	got, err := Behind(Lineage{}, app, layers(digestA, ""), nil)
	if err != nil || !got.Behind {
		t.Errorf("got %+v, %v", got, err)
	}
}

func on(amd, arm string) []Record {
	return []Record{{Platform: amd64, Digest: amd}, {Platform: arm64, Digest: arm}}
}
