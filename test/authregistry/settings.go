package authregistry

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"sigs.k8s.io/yaml"
)

// settings are what the registry's file of settings says.
type settings struct {
	dir, address string
	// pair is empty with plain HTTP.
	pair pair
	// auth is its part of the name; nil where nobody is asked who they are.
	auth map[string]any
}

func (s settings) scheme() string {
	if s.pair.cert == "" {
		return "http"
	}
	return "https"
}

func (s settings) write(t testing.TB) string {
	t.Helper()
	http := map[string]any{"addr": s.address, "secret": "uploads of this test"}
	if s.scheme() == "https" {
		http["tls"] = map[string]any{"certificate": s.pair.cert, "key": s.pair.key}
	}
	content, err := yaml.Marshal(map[string]any{
		"version": "0.1",
		// At this level it says where it listens.
		"log":     map[string]any{"level": "info"},
		"storage": map[string]any{"filesystem": map[string]any{"rootdirectory": filepath.Join(s.dir, "data")}},
		"http":    http,
		"auth":    s.auth,
	})
	must(t, err)
	file := filepath.Join(s.dir, "registry.yml")
	must(t, os.WriteFile(file, content, 0o600))
	return file
}

// basicAuth writes the accounts as htpasswd does, at the least cost: it is paid with each request.
func basicAuth(t testing.TB, dir string, accounts []Account) map[string]any {
	t.Helper()
	var lines strings.Builder
	for _, a := range accounts {
		hash, err := bcrypt.GenerateFromPassword([]byte(a.Password), bcrypt.MinCost)
		must(t, err)
		fmt.Fprintf(&lines, "%s:%s\n", a.Name, hash)
	}
	file := filepath.Join(dir, "htpasswd")
	must(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	return map[string]any{"htpasswd": map[string]any{"realm": "respin-tests", "path": file}}
}
