package image

import (
	"strings"
	"testing"
)

func TestPatchedTag(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := map[string]struct{ source, want string }{
		"a tag is kept in front":             {"1.4", "1.4-respin-0a1b2c"},
		"no tag is needed":                   {"", "respin-0a1b2c"},
		"a patched tag's suffix is replaced": {"1.4-respin-ffff", "1.4-respin-0a1b2c"},
		"a patched tag without a source too": {"respin-ffff", "respin-0a1b2c"},
		"other words stay":                   {"1.4-respin-beta", "1.4-respin-beta-respin-0a1b2c"},
		"a tag that is too long is cut":      {long, long[:128-14] + "-respin-0a1b2c"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := PatchedTag(tt.source, "0a1b2c")
			if got != tt.want || len(got) > 128 {
				t.Errorf("PatchedTag(%q) = %q", tt.source, got)
			}
			if again := PatchedTag(got, "0a1b2c"); again != got {
				t.Errorf("patched again it is %q", again)
			}
			if _, err := ParseReference("r.example/a:" + got); err != nil {
				t.Error(err)
			}
		})
	}
}
