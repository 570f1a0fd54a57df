package parts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ownVersion is the version of a part that requires no module.
const ownVersion = "v0.0.0"

// version reads the part's version from its go.mod, the only place that
// states it.
func version(p Part, dir string) (string, error) {
	if p.Module == "" {
		return ownVersion, nil
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", err
	}
	line := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(p.Module) + ` (v\S+)`)
	found := line.FindSubmatch(mod)
	if found == nil {
		return "", fmt.Errorf("%s/go.mod does not require %s", dir, p.Module)
	}
	return string(found[1]), nil
}

// key is the part's folder in the cache: it changes with whatever the build
// depends on.
func key(p Part, dir, version string) (string, error) {
	sum := sha256.New()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(file), len(content), content)
	}
	fmt.Fprintf(sum, "%v", arguments(p, version))
	return version + "-" + hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// arguments are what go build is called with, but for output and package.
func arguments(p Part, version string) []string {
	return []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags(p, version)}
}

func ldflags(p Part, version string) string {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	fill := strings.NewReplacer("$VERSION", version, "$MAJOR", major, "$MINOR", minor)
	flags := "-s -w"
	for _, flag := range p.LDFlags {
		flags += " -X " + fill.Replace(flag)
	}
	return flags
}
