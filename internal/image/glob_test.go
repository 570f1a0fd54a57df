package image

import (
	"strings"
	"testing"
	"time"
)

func TestMatchRepository(t *testing.T) {
	tests := map[string]struct {
		pattern, repository string
		want                bool
	}{
		"the repository itself":             {"r.example/a/b", "r.example/a/b", true},
		"a star within a path element":      {"r.example/a/*", "r.example/a/b", true},
		"a star stops at a slash":           {"r.example/*", "r.example/a/b", false},
		"two stars do not":                  {"r.example/**", "r.example/a/b", true},
		"a host with a port":                {"localhost:5000/*", "localhost:5000/a", true},
		"Docker Hub's short name":           {"nginx", "docker.io/library/nginx", true},
		"Docker Hub's full name":            {"docker.io/library/nginx", "docker.io/library/nginx", true},
		"a user's repository on Docker Hub": {"user/*", "docker.io/user/app", true},
		"another registry's nginx":          {"nginx", "r.example/library/nginx", false},
		"a class of characters":             {"r.example/app-[0-9]", "r.example/app-7", true},
		"a prefix is not the whole":         {"r.example/a", "r.example/ab", false},
		"two stars match every image":       {"**", "r.example/a/b", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := MatchRepository(tt.pattern, tt.repository); err != nil || got != tt.want {
				t.Errorf("%q fits %q: %v, %v", tt.pattern, tt.repository, got, err)
			}
		})
	}
}

func TestValidatePatternSaysWhatToWrite(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"nothing":       {"", "1 to 512"},
		"too much":      {strings.Repeat("a", 513), "1 to 512"},
		"braces":        {"r.example/{a,b}", "one rule for each"},
		"an open class": {"r.example/[a", "not a valid glob"},
		"a scheme":      {"https://r.example/*", "no scheme"},
		"a digest":      {"r.example/a@sha256:*", "no digest"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := MatchRepository(tt.in, "r.example/a"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v; want an error with %q", err, tt.want)
			}
		})
	}
}

func TestMatchRepositoryIsQuickWhateverThePattern(t *testing.T) {
	repository := "r.example/" + strings.Repeat("a/", 100) + "b"
	patterns := []string{
		strings.Repeat("**/a/", 100) + "c", strings.Repeat("*a", 250), strings.Repeat("a*/**/", 80), strings.Repeat("[a-z]*", 80),
	}
	start := time.Now()
	for _, pattern := range patterns {
		if _, err := MatchRepository(pattern, repository); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %s", took)
	}
}
