package debian

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// Packages are versions by the packages' names.
type Packages map[string]string

// statusFile is where dpkg keeps what is installed.
const statusFile = "var/lib/dpkg/status"

// PackagesIn reads which packages a root file system has.
func PackagesIn(archive string) (Packages, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("looking for %s in %s: %w", statusFile, archive, missing(err))
		}
		if path.Clean(header.Name) == statusFile {
			return parseStatus(files)
		}
	}
}

func missing(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it is not there")
	}
	return err
}

// parseStatus reads dpkg's status file: paragraphs of fields, an empty line between them.
func parseStatus(r io.Reader) (Packages, error) {
	packages, name := Packages{}, ""
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "Package":
			name = value
		case "Version":
			packages[name] = value
		}
	}
	return packages, lines.Err()
}

// ParseList reads lines of a name and a version.
func ParseList(list string) Packages {
	packages := Packages{}
	for line := range strings.Lines(list) {
		if name, version, found := strings.Cut(strings.TrimSpace(line), " "); found {
			packages[name] = version
		}
	}
	return packages
}

// Changed names the packages that have another version in the other, or are new there, in order.
func (p Packages) Changed(other Packages) []string {
	var names []string
	for name, version := range other {
		if p[name] != version {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
