package parts

import (
	"os"
	"path/filepath"
	"testing"
)

func folder(t *testing.T, mod string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVersionIsTheOneThatGoModRequires(t *testing.T) {
	for name, mod := range map[string]string{
		"on a line of its own": "module x\n\nrequire example.com/a v1.2.3\n",
		"in a block":           "module x\n\nrequire (\n\texample.com/ab v9.9.9\n\texample.com/a v1.2.3 // indirect\n)\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := version(Part{Module: "example.com/a"}, folder(t, mod))
			if err != nil || got != "v1.2.3" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestEveryPartHasAVersion(t *testing.T) {
	for _, p := range All {
		if _, err := version(p, filepath.Join("..", "..", "parts", p.Name)); err != nil {
			t.Error(err)
		}
	}
}

func TestKeyChangesWithTheSources(t *testing.T) {
	dir := folder(t, "module x\n")
	before, err := key(Part{}, dir, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	after, err := key(Part{}, dir, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Errorf("still %s", after)
	}
}

func TestLDFlagsCarryTheVersion(t *testing.T) {
	got := ldflags(Part{LDFlags: []string{"a.v=$VERSION", "a.minor=$MINOR"}}, "v1.37.2")
	if want := "-s -w -X a.v=v1.37.2 -X a.minor=37"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
