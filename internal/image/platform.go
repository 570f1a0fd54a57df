package image

import (
	"fmt"
	"regexp"
	"strings"
)

// Platform is what an image runs on, in the terms of the OCI image index (GOOS and GOARCH).
type Platform struct {
	OS           string
	Architecture string
	// Variant is the CPU's, such as v7; empty where it is not said.
	Variant string
	// OSVersion is Windows's, such as 10.0.20348.2113; empty elsewhere.
	OSVersion string
}

var platformPart = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,63}$`)

// ParsePlatform reads os/architecture[/variant], as in linux/arm/v7.
func ParsePlatform(s string) (Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return Platform{}, badPlatform(s)
	}
	for _, part := range parts {
		if !platformPart.MatchString(part) {
			return Platform{}, badPlatform(s)
		}
	}
	p := Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p.Normalized(), nil
}

func badPlatform(s string) error {
	return fmt.Errorf("platform %.64q is not of the form os/architecture[/variant]; write for example linux/amd64", s)
}

// Normalized is the platform without a variant that says nothing: every arm64 is v8, every amd64 is v1.
func (p Platform) Normalized() Platform {
	if p.Architecture == "arm64" && (p.Variant == "v8" || p.Variant == "8") || p.Architecture == "amd64" && p.Variant == "v1" {
		p.Variant = ""
	}
	return p
}

// String is os/architecture[/variant]; unknown where nothing is known. OSVersion is not part of it.
func (p Platform) String() string {
	if p.OS == "" && p.Architecture == "" {
		return "unknown"
	}
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// Matches reports whether an image for the one platform is an image for the other: the same OS and architecture, and
// the same variant and Windows build wherever both say them.
func (p Platform) Matches(other Platform) bool {
	p, other = p.Normalized(), other.Normalized()
	return p.OS == other.OS && p.Architecture == other.Architecture &&
		agree(p.Variant, other.Variant) && agree(windowsBuild(p.OSVersion), windowsBuild(other.OSVersion))
}

func agree(a, b string) bool {
	return a == "" || b == "" || a == b
}

// windowsBuild is the part of a Windows version that has to agree. The fourth number is the patch level: it is what
// moves when a Windows base is patched.
func windowsBuild(version string) string {
	numbers := strings.Split(version, ".")
	return strings.Join(numbers[:min(3, len(numbers))], ".")
}
