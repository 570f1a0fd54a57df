package image

import (
	"strings"
	"testing"
)

const (
	hexA    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hexB    = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	hexC    = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
	digestA = "sha256:" + hexA
	digestB = "sha256:" + hexB
	digestC = "sha256:" + hexC
)

func TestParseReference(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Reference
	}{
		"a bare name is Docker Hub's latest":    {"debian", Reference{"docker.io/library/debian", "latest", ""}},
		"a name with a tag keeps it":            {"debian:12", Reference{"docker.io/library/debian", "12", ""}},
		"a user's image is not under library":   {"user/app:1", Reference{"docker.io/user/app", "1", ""}},
		"a host with a port is a registry":      {"localhost:5000/a/b:1", Reference{"localhost:5000/a/b", "1", ""}},
		"localhost alone is a registry":         {"localhost/a", Reference{"localhost/a", "latest", ""}},
		"an IPv6 host is a registry":            {"[fd00::1]:5000/a:1", Reference{"[fd00::1]:5000/a", "1", ""}},
		"a digest alone has no tag":             {"debian@" + digestA, Reference{"docker.io/library/debian", "", digestA}},
		"a tag and a digest are both kept":      {"r.example/a:1@" + digestA, Reference{"r.example/a", "1", digestA}},
		"Docker Hub's old host is the new one":  {"index.docker.io/library/debian", Reference{"docker.io/library/debian", "latest", ""}},
		"a host's capitals do not matter":       {"R.Example/a:Tag", Reference{"r.example/a", "Tag", ""}},
		"a deep repository stays as it is":      {"r.example/a/b/c-d__e:1", Reference{"r.example/a/b/c-d__e", "1", ""}},
		"a port without a tag is not a tag":     {"r.example:80/a", Reference{"r.example:80/a", "latest", ""}},
		"a number after a single name is a tag": {"debian:5000", Reference{"docker.io/library/debian", "5000", ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseReference(tt.in)
			if err != nil || got != tt.want {
				t.Fatalf("ParseReference(%q) = %+v, %v; want %+v", tt.in, got, err, tt.want)
			}
			if again, err := ParseReference(got.String()); err != nil || again != got {
				t.Errorf("reading %q again gives %+v, %v", got, again, err)
			}
			if again, err := ParseReference(got.Familiar()); err != nil || again != got {
				t.Errorf("reading the familiar %q gives %+v, %v", got.Familiar(), again, err)
			}
		})
	}
}

func TestParseReferenceSaysWhatToWrite(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"nothing":                       {"", "is empty; write for example"},
		"a scheme":                      {"https://r.example/a:1", `write "r.example/a:1"`},
		"a space":                       {"r.example/a :1", "a space or a control character"},
		"a control character":           {"r.example/a\x00", "a space or a control character"},
		"capitals in the repository":    {"r.example/App:1", `write "r.example/app:1"`},
		"capitals that look like hosts": {"Team/app:1", `write "team/app:1"`},
		"a registry that is no host":    {"r_1.example/app:1", "no host name"},
		"a digest that is cut off":      {"r.example/a@sha256:abc", "not a sha256 one"},
		"a digest in capitals":          {"r.example/a@sha256:" + strings.Repeat("A", 64), "lower case"},
		"another digest algorithm":      {"r.example/a@sha512:" + hexA + hexB, "sha256"},
		"a bare digest":                 {digestA, "a digest alone"},
		"an empty tag":                  {"r.example/a:", "of the form"},
		"two tags":                      {"r.example/a:1:2", "of the form"},
		"dots that go up":               {"r.example/../a", "of the form"},
		"bare hexadecimal":              {hexA, "of the form"},
		"too many characters":           {strings.Repeat("a/", 400), "longer than 512"},
		"too long a repository":         {"r.example/" + strings.Repeat("a", 300), "longer than 255"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseReference(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("ParseReference(%q) = %+v, %v; want an error with %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestReferenceParts(t *testing.T) {
	ref := mustParse(t, "debian:12@"+digestA)
	if ref.Registry() != "docker.io" || ref.Path() != "library/debian" {
		t.Errorf("registry %q, path %q", ref.Registry(), ref.Path())
	}
	if got := ref.WithDigest("").Familiar(); got != "debian:12" {
		t.Errorf("familiar form is %q", got)
	}
	if !ref.SameTag(mustParse(t, "docker.io/library/debian:12")) || ref.SameTag(mustParse(t, "debian:13")) {
		t.Error("SameTag does not compare repository and tag alone")
	}
	if byDigest := mustParse(t, "debian@"+digestA); byDigest.SameTag(byDigest) {
		t.Error("references without a tag have no same tag")
	}
}

func TestParseImageID(t *testing.T) {
	want := Reference{Repository: "r.example/a", Digest: digestA}
	tests := map[string]struct {
		in   string
		want Reference
		ok   bool
	}{
		"containerd's form":                       {"r.example/a@" + digestA, want, true},
		"dockershim's form":                       {"docker-pullable://r.example/a@" + digestA, want, true},
		"a config's digest tells no image":        {digestA, Reference{}, false},
		"nor does it with Docker's scheme":        {"docker://" + digestA, Reference{}, false},
		"nothing is known before it was pulled":   {"", Reference{}, false},
		"a tag alone is not what runs":            {"r.example/a:1", Reference{}, false},
		"an id that cannot be read is not an id":  {"r.example/A@" + digestA, Reference{}, false},
		"Docker Hub's short form is written out":  {"debian@" + digestA, Reference{Repository: "docker.io/library/debian", Digest: digestA}, true},
		"a digest that is cut off is no identity": {"r.example/a@sha256:abc", Reference{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, ok := ParseImageID(tt.in); ok != tt.ok || got != tt.want {
				t.Errorf("ParseImageID(%q) = %+v, %v", tt.in, got, ok)
			}
		})
	}
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"debian", "r.example:5000/a/b:1@" + digestA, "docker.io/localhost/a", "[::1]/a", "Team/app", "a@sha256:", "\xff/a:b", digestA} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := ParseReference(s)
		if err != nil {
			return
		}
		if ref.Repository == "" || ref.Tag == "" && ref.Digest == "" || ref.Registry() == "" || ref.Path() == "" {
			t.Fatalf("%q gives %+v", s, ref)
		}
		if again, err := ParseReference(ref.String()); err != nil || again != ref {
			t.Fatalf("%q gives %+v, and reading that again %+v, %v", s, ref, again, err)
		}
		if again, err := ParseReference(ref.Familiar()); err != nil || again != ref {
			t.Fatalf("%q gives %+v, and reading its familiar form %+v, %v", s, ref, again, err)
		}
	})
}

func mustParse(t *testing.T, s string) Reference {
	t.Helper()
	ref, err := ParseReference(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestAPathOnDockerHubThatLooksLikeARegistryKeepsItsHost(t *testing.T) {
	for _, name := range []string{"docker.io/localhost/app:1", "docker.io/registry.example.com/app:1"} {
		ref, err := ParseReference(name)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseReference(ref.Familiar()); err != nil || again != ref {
			t.Errorf("%s is written %s, which is %s, %v", ref, ref.Familiar(), again, err)
		}
	}
}
