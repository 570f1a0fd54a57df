package image

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// The statements are BuildKit's, shortened.
const (
	statement02 = `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2",
"subject":[{"name":"pkg:docker/r.example/app@1?platform=linux%2Famd64","digest":{"sha256":"` + hexC + `"}}],
"predicate":{"builder":{"id":""},"buildType":"https://mobyproject.org/buildkit@v1",
"materials":[{"uri":"pkg:docker/debian@12?platform=linux%2Famd64","digest":{"sha256":"` + hexA + `"}},
 {"uri":"pkg:docker/docker/dockerfile@1.7","digest":{"sha256":"` + hexC + `"}},
 {"uri":"https://git.example/app.git#main","digest":{"sha1":"0123"}}],
"invocation":{"configSource":{"entryPoint":"Dockerfile"},"parameters":{"frontend":"gateway.v0",
 "args":{"source":"docker/dockerfile:1.7","cmdline":"docker/dockerfile:1.7"}},"environment":{"platform":"linux/amd64"}},
"metadata":{"https://mobyproject.org/buildkit@v1#metadata":{}}}}`

	statement1 = `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1",
"subject":[],"predicate":{"buildDefinition":{"buildType":"https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
"externalParameters":{"configSource":{"path":"Dockerfile"},"request":{"frontend":"gateway.v0","args":{"source":"r.example/frontend:2"}}},
"internalParameters":{"builderPlatform":"linux/amd64"},
"resolvedDependencies":[{"uri":"pkg:docker/r.example:5000/base/debian@12?digest=sha256:` + hexA + `&platform=linux%2Farm%2Fv7","digest":{"sha256":"` + hexA + `"}},
 {"uri":"pkg:docker/r.example/frontend@2","digest":{"sha256":"` + hexB + `"}},
 {"uri":"pkg:docker/r.example/files@1?ref_type=blob","digest":{"sha256":"` + hexB + `"}}]},
"runDetails":{"builder":{"id":""},"metadata":{"buildkit_metadata":{}}}}}`
)

func TestParseProvenance(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []Material
	}{
		"v0.2 names the base and not the frontend": {statement02, []Material{
			{Reference{"docker.io/library/debian", "12", ""}, digestA, linux("amd64", "")},
			{Reference{"docker.io/docker/dockerfile", "1.7", ""}, digestC, Platform{}},
		}[:1]},
		"v1 names the base and neither its own frontend nor blobs": {statement1, []Material{
			{Reference{"r.example:5000/base/debian", "12", digestA}, digestA, linux("arm", "v7")},
		}},
		"a statement without materials names none": {`{"predicateType":"https://slsa.dev/provenance/v1"}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseProvenance([]byte(tt.in))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseProvenanceRefuses(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"what is not JSON":      {"<html>", "not an in-toto statement"},
		"nothing":               {"", "not an in-toto statement"},
		"another predicate":     {`{"predicateType":"https://spdx.dev/Document"}`, "not SLSA provenance"},
		"another shape":         {`{"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"materials":"x"}}`, "a list"},
		"more images than fit":  {many(`{"uri":"pkg:docker/debian@12","digest":{"sha256":"`+hexA+`"}}`, 257), "too many images"},
		"more sources than fit": {many(`{}`, 5000), "more than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseProvenance([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", got, err, tt.want)
			}
		})
	}
}

func TestMaterialFromPackageURL(t *testing.T) {
	debian := Reference{"docker.io/library/debian", "12", ""}
	tests := map[string]struct {
		uri  string
		want Reference
		ok   bool
	}{
		"a name and a tag":                    {"pkg:docker/debian@12", debian, true},
		"Docker Hub's own name, spelled out":  {"pkg:docker/library/debian@12", debian, true},
		"no tag is latest":                    {"pkg:docker/debian", Reference{"docker.io/library/debian", "latest", ""}, true},
		"a digest alone has no tag":           {"pkg:docker/debian?digest=" + digestA, Reference{"docker.io/library/debian", "", digestA}, true},
		"a tag and a digest":                  {"pkg:docker/debian@12?digest=" + digestA, debian.WithDigest(digestA), true},
		"a version may be the digest":         {"pkg:docker/debian@" + digestA, Reference{"docker.io/library/debian", "", digestA}, true},
		"a version may be the encoded digest": {"pkg:docker/debian@sha256%3A" + hexA, Reference{"docker.io/library/debian", "", digestA}, true},
		"a host with a port":                  {"pkg:docker/localhost:5000/foo/bar@1", Reference{"localhost:5000/foo/bar", "1", ""}, true},
		"an encoded host with a port":         {"pkg:docker/localhost%3A5000/foo/bar@1", Reference{"localhost:5000/foo/bar", "1", ""}, true},
		"a namespace":                         {"pkg:docker/ghcr.io/foo/bar@v2", Reference{"ghcr.io/foo/bar", "v2", ""}, true},
		"a local OCI layout is no registry's": {"pkg:oci/debian@12", Reference{}, false},
		"a Git repository is no image":        {"https://git.example/a.git", Reference{}, false},
		"broken encoding":                     {"pkg:docker/debian%zz@12", Reference{}, false},
		"a name with a broken digest":         {"pkg:docker/debian?digest=sha256:x", Reference{}, false},
		"an endless name":                     {"pkg:docker/" + strings.Repeat("a/", 2000), Reference{}, false},
		"a bundle":                            {"pkg:docker/r.example/repo@1?ref_type=bundle&vcs_url=x", Reference{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := parsePURL(tt.uri)
			if ok != tt.ok || got.Reference != tt.want {
				t.Errorf("parsePURL(%q) = %+v, %v; want %+v", tt.uri, got, ok, tt.want)
			}
		})
	}
}

func FuzzParseProvenance(f *testing.F) {
	f.Add([]byte(statement02))
	f.Add([]byte(statement1))
	f.Add([]byte(many(`{"uri":"pkg:docker/a@1?platform=%2F","digest":null}`, 3)))
	f.Add([]byte(`{"predicate":{"materials":[null,{"uri":null}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := ParseProvenance(raw)
		if err != nil {
			return
		}
		for _, m := range found {
			if !ValidDigest(m.Digest) || m.Reference.Repository == "" {
				t.Fatalf("a material without a name or digest: %+v", m)
			}
		}
		app := Image{Children: []Child{{Materials: found}}}
		_, _ = FindLineage(app, nil, nil)
	})
}

func many(material string, n int) string {
	all := strings.TrimSuffix(strings.Repeat(material+",", n), ",")
	s := fmt.Sprintf(`{"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"materials":[%s]}}`, all)
	if !json.Valid([]byte(s)) {
		panic(s)
	}
	return s
}
