package rebase

import (
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

func TestPackageURLsAreThoseOfBuildKit(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("a", 64)
	for ref, want := range map[string]string{
		"alpine":                            "pkg:docker/alpine@latest?platform=linux%2Farm64",
		"docker.io/library/alpine:latest":   "pkg:docker/alpine@latest?platform=linux%2Farm64",
		"alpine:3" + digest:                 "pkg:docker/alpine@3?digest=" + digest[1:] + "&platform=linux%2Farm64",
		"alpine" + digest:                   "pkg:docker/alpine?digest=" + digest[1:] + "&platform=linux%2Farm64",
		"user/test:v2":                      "pkg:docker/user/test@v2?platform=linux%2Farm64",
		"localhost:5000/foo/bar:latest":     "pkg:docker/localhost:5000/foo/bar@latest?platform=linux%2Farm64",
		"registry.example.com/foo/bar:v2_1": "pkg:docker/registry.example.com/foo/bar@v2_1?platform=linux%2Farm64",
	} {
		parsed, err := image.ParseReference(ref)
		if err != nil {
			t.Fatal(err)
		}
		if got := purl(parsed, image.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}); got != want {
			t.Errorf("%s: got %s, want %s", ref, got, want)
		}
	}
}
