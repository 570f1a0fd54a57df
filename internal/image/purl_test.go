package image

import (
	"strings"
	"testing"
)

func TestMaterialFromPackageURL(t *testing.T) {
	debian := Reference{"docker.io/library/debian", "12", ""}
	byDigest := Reference{"docker.io/library/debian", "", digestA}
	for name, tt := range map[string]struct {
		uri    string
		want   Reference
		digest string
	}{
		"a name and a tag":                      {"pkg:docker/debian@12", debian, ""},
		"Docker Hub's own name, spelled out":    {"pkg:docker/library/debian@12", debian, ""},
		"Docker Hub's host, spelled out":        {"pkg:docker/index.docker.io/library/debian@12", debian, ""},
		"no tag is latest":                      {"pkg:docker/debian", Reference{"docker.io/library/debian", "latest", ""}, ""},
		"a digest alone has no tag":             {"pkg:docker/debian?digest=" + digestA, byDigest, digestA},
		"a tag and a digest":                    {"pkg:docker/debian@12?digest=" + digestA, debian.WithDigest(digestA), digestA},
		"a version may be the digest":           {"pkg:docker/debian@" + digestA, byDigest, digestA},
		"a version may be the encoded digest":   {"pkg:docker/debian@sha256%3A" + hexA, byDigest, digestA},
		"a tag may be a qualifier":              {"pkg:docker/debian@sha256%3A" + hexA + "?tag=12", debian.WithDigest(digestA), digestA},
		"a host with a port":                    {"pkg:docker/localhost:5000/foo/bar@1", Reference{"localhost:5000/foo/bar", "1", ""}, ""},
		"an encoded host with a port":           {"pkg:docker/localhost%3A5000/foo/bar@1", Reference{"localhost:5000/foo/bar", "1", ""}, ""},
		"a namespace":                           {"pkg:docker/ghcr.io/foo/bar@v2", Reference{"ghcr.io/foo/bar", "v2", ""}, ""},
		"a registry that is a qualifier":        {"pkg:docker/foo/bar@v2?repository_url=ghcr.io", Reference{"ghcr.io/foo/bar", "v2", ""}, ""},
		"a subpath is no part of the name":      {"pkg:docker/debian@12#etc/passwd", debian, ""},
		"the scheme's spelling does not matter": {"PKG://Docker/debian@12", debian, ""},
		"the OCI type, with its repository": {
			"pkg:oci/debian@sha256%3A" + hexA + "?repository_url=docker.io/library/debian&tag=12", debian.WithDigest(digestA), digestA,
		},
		"a local OCI layout is no registry's": {"pkg:oci/debian?digest=" + digestA, Reference{}, digestA},
		"a local OCI layout has no name":      {"pkg:oci/debian@12", Reference{}, ""},
		"broken encoding":                     {"pkg:docker/debian%zz@12", Reference{}, ""},
		"broken qualifiers":                   {"pkg:docker/debian@12?%zz", Reference{}, ""},
		"a name with a broken digest":         {"pkg:docker/debian?digest=sha256:x", Reference{}, ""},
		"a name with another kind of digest":  {"pkg:docker/debian?digest=sha512:" + hexA + hexA, Reference{}, ""},
		"an endless name":                     {"pkg:docker/" + strings.Repeat("a/", 2000), Reference{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parsePURL(tt.uri)
			if !ok || got.Reference != tt.want || got.Digest != tt.digest {
				t.Errorf("parsePURL(%q) = %+v, %v; want %+v", tt.uri, got, ok, tt.want)
			}
		})
	}
}

func TestPackageURLsThatAreNoImages(t *testing.T) {
	for name, uri := range map[string]string{
		"a Git repository":               "https://git.example/a.git",
		"a bundle":                       "pkg:docker/r.example/repo@1?ref_type=bundle&vcs_url=x",
		"a blob":                         "pkg:oci/r.example/repo?ref_type=blob",
		"a package of another kind":      "pkg:deb/debian/curl@7.50.3-1?arch=i386",
		"a kind that begins like Docker": "pkg:dockerfile/debian@12",
		"nothing":                        "",
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := parsePURL(uri); ok {
				t.Errorf("parsePURL(%q) = %+v", uri, got)
			}
		})
	}
}

func TestThePlatformOfAPackageURL(t *testing.T) {
	for uri, want := range map[string]Platform{
		"pkg:docker/debian@12?platform=linux%2Famd64":    amd64,
		"pkg:docker/debian@12?platform=linux/arm/v7":     linux("arm", "v7"),
		"pkg:oci/debian?platform=linux%2Farm64%2Fv8":     arm64,
		"pkg:docker/debian@12?platform=somewhere":        {},
		"pkg:docker/debian@12":                           {},
		"pkg:docker/deb%zzian@12?platform=linux%2Farm64": arm64,
	} {
		if got, _ := parsePURL(uri); got.Platform != want {
			t.Errorf("%s is for %s, want %s", uri, got.Platform, want)
		}
	}
}
