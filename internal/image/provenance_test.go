package image

import (
	"encoding/json"
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

// statementRebase is what Respin attaches to an image that it rebased, shortened: it is an envelope as well.
const statementRebase = `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1",
"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[],"predicate":{"buildDefinition":{
"buildType":"` + BuildTypeRebase + `","externalParameters":{"base":"docker.io/library/debian:12"},"resolvedDependencies":[
 {"name":"` + DependencyBase + `","uri":"pkg:docker/debian@12?platform=linux%2Famd64","digest":{"sha256":"` + hexB + `"}},
 {"name":"old-base","uri":"pkg:docker/debian@12?digest=sha256:` + hexA + `","digest":{"sha256":"` + hexA + `"}},
 {"name":"source","uri":"pkg:docker/r.example/app@1?digest=sha256:` + hexC + `","digest":{"sha256":"` + hexC + `"}},
 {"name":"source-platform","uri":"pkg:docker/r.example/app?digest=sha256:` + hexA + `","digest":{"sha256":"` + hexA + `"}}]}}}`

// statementRoot is of a build that a frontend asked for, on behalf of a user who had asked for another one.
const statementRoot = `{"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{
"externalParameters":{"request":{"frontend":"dockerfile.v0","root":{"request":{"args":{"source":"r.example/frontend:2"}}}}},
"resolvedDependencies":[{"uri":"pkg:docker/debian@12","digest":{"sha256":"` + hexA + `"}},
 {"uri":"pkg:docker/r.example/frontend@2","digest":{"sha256":"` + hexB + `"}}]}}}`

func TestParseProvenance(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []Material
	}{
		"v0.2 names the base and not the frontend": {statement02, []Material{
			{Reference{"docker.io/library/debian", "12", ""}, digestA, linux("amd64", "")},
		}},
		"v1 names the base and neither its own frontend nor blobs": {statement1, []Material{
			{Reference{"r.example:5000/base/debian", "12", digestA}, digestA, linux("arm", "v7")},
		}},
		"v1 of a rebase names the new base alone": {statementRebase, []Material{
			{Reference{"docker.io/library/debian", "12", ""}, digestB, amd64},
		}},
		"v1 of a rebase without names names none": {strings.ReplaceAll(statementRebase, `"name"`, `"id"`), nil},
		"the frontend that a linked build asked for is left out": {statementRoot, []Material{
			{Reference{"docker.io/library/debian", "12", ""}, digestA, Platform{}},
		}},
		"an image without a digest, or with one of another kind, has none": {
			materials(`{"uri":"pkg:docker/debian@12"},{"uri":"pkg:docker/debian@13","digest":{"sha512":"` + hexA + hexA + `"}}`),
			[]Material{{Reference: spelled("debian:12")}, {Reference: spelled("debian:13")}},
		},
		"of thousands of files the one image is found": {
			materials(strings.Repeat(`{"uri":"https://git.example/a.git","digest":{"sha1":"0123"}},`, 9999) + `{"uri":"pkg:docker/debian@12"}`),
			[]Material{{Reference: spelled("debian:12")}},
		},
		"sources that are null are none":           {materials(`null,{"uri":null,"digest":null}`), nil},
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
		"what is not JSON":     {"<html>", "not an in-toto statement"},
		"nothing":              {"", "not an in-toto statement"},
		"another predicate":    {`{"predicateType":"https://spdx.dev/Document"}`, "not SLSA provenance"},
		"another shape":        {`{"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"materials":"x"}}`, "a list"},
		"more images than fit": {many(`{"uri":"pkg:docker/debian@12","digest":{"sha256":"`+hexA+`"}}`, 257), "more than 256 images"},
		"one image at two digests": {
			materials(`{"uri":"pkg:docker/debian@12?digest=` + digestA + `","digest":{"sha256":"` + hexB + `"}}`), "at another digest",
		},
		"a digest that is no text": {materials(`{"uri":"pkg:docker/debian@12","digest":{"sha256":5}}`), "not an in-toto statement"},
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

// materials is a statement with the materials.
func materials(all string) string {
	s := `{"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"materials":[` + all + `]}}`
	if !json.Valid([]byte(s)) {
		panic(s)
	}
	return s
}

func many(material string, n int) string {
	return materials(strings.TrimSuffix(strings.Repeat(material+",", n), ","))
}
