package debian

import (
	"archive/tar"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const status = `Package: libc6
Status: install ok installed
Version: 2.36-9+deb12u10
Description: GNU C Library
 with a line that goes on: here

Package: perl-base
Version: 5.36.0-7+deb12u3
`

func TestPackagesAreReadFromAnArchive(t *testing.T) {
	got, err := PackagesIn(archive(t, "./var/lib/dpkg/status", status))
	if err != nil {
		t.Fatal(err)
	}
	want := Packages{"libc6": "2.36-9+deb12u10", "perl-base": "5.36.0-7+deb12u3"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnArchiveWithoutPackagesIsSaidToHaveNone(t *testing.T) {
	_, err := PackagesIn(archive(t, "./etc/passwd", "root"))
	if err == nil || !strings.Contains(err.Error(), "it is not there") {
		t.Errorf("got %v", err)
	}
}

func TestChangedNamesWhatHasAnotherVersion(t *testing.T) {
	before := ParseList("a 1\nb 1\nc 1\n")
	after := ParseList("a 1\nc 2\nb 2\nd 1\n")
	if got, want := before.Changed(after), []string{"b", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUpgradeStartsFromTheReleasedImage(t *testing.T) {
	got := UpgradeDockerfile("registry.example.com/debian@sha256:0", Archives{Main: "http://main", Security: "http://fixes"})
	for _, want := range []string{
		"FROM registry.example.com/debian@sha256:0\n", "deb http://main bookworm main\n", "deb http://fixes bookworm-security main\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// archive makes a gzipped archive of one file.
func archive(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "root.tar.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	files := tar.NewWriter(zipped)
	if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []interface{ Close() error }{files, zipped, f} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
