// Command probe runs in a container, and prints what its image holds: a line for each path, in the order of the paths,
// with all that two images that are alike have to have alike. Times are not: two builds never agree on them.
package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// view is where the root is mounted once more, without what the runtime mounted upon it.
const view = "/dev/shm/image"

// main writes what it sees to a file beside itself: the folder is one of the host's.
func main() {
	beside := filepath.Dir(os.Args[0])
	var seen bytes.Buffer
	name, content := "seen", &seen
	err := look(&seen, beside)
	if err != nil {
		name, content = "error", bytes.NewBufferString(err.Error())
	}
	if writeErr := os.WriteFile(filepath.Join(beside, name), content.Bytes(), 0o600); writeErr != nil || err != nil {
		os.Exit(1)
	}
}

// look writes down the environment, and then all files but those of the host's folder.
func look(out io.Writer, beside string) error {
	if err := os.Mkdir(view, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("/", view, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("looking at the root below the runtime's mounts: %w", err)
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "working folder %q\n", folder)
	environment := os.Environ()
	slices.Sort(environment)
	for _, variable := range environment {
		fmt.Fprintf(out, "variable %q\n", variable)
	}
	return list(out, filepath.Join(view, beside))
}

// list writes a line for each path, but not for that of a folder which the runtime made to mount the host's upon.
func list(out io.Writer, own string) error {
	links := names{}
	return filepath.WalkDir(view, func(path string, _ os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == own:
			return fs.SkipDir
		}
		line, err := describe(path, links)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%q %s\n", shown(path), line)
		return err
	})
}

// shown is a path as it is in the image.
func shown(path string) string { return filepath.Join("/", strings.TrimPrefix(path, view)) }
