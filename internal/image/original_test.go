package image

import (
	"strings"
	"testing"
)

func TestOriginal(t *testing.T) {
	own, source := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	running := Reference{Repository: "registry.example.com/patched/api", Tag: "1-respin-1", Digest: own}
	for sentence, test := range map[string]struct {
		index, child map[string]string
		want         string
	}{
		"an image that was never patched is its own": {want: "registry.example.com/patched/api@" + own},
		"a patched index names repository and digest": {
			index: map[string]string{AnnotationSourceDigest: source, AnnotationSourceName: "registry.example.com/api"},
			want:  "registry.example.com/api@" + source,
		},
		"a patched single image says so itself": {
			child: map[string]string{AnnotationSourceDigest: source, AnnotationSourceName: "registry.example.com/api"},
			want:  "registry.example.com/api@" + source,
		},
		"a digest alone is of its own repository": {
			index: map[string]string{AnnotationSourceDigest: source}, want: "registry.example.com/patched/api@" + source,
		},
		"a name that is not as we write them is not followed": {
			index: map[string]string{AnnotationSourceDigest: source, AnnotationSourceName: "http://10.0.0.1/api:1"},
			want:  "registry.example.com/patched/api@" + source,
		},
		"a digest that is none is not followed": {
			index: map[string]string{AnnotationSourceDigest: "sha256:1"}, want: "registry.example.com/patched/api@" + own,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			app := Image{Digest: own, Annotations: test.index, Children: []Child{{Digest: own, Annotations: test.child}}}
			if got := Original(running, app).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
