package layers

import (
	"path"
	"strings"
)

// The names by which an OCI layer says what it deletes. See the OCI image specification, layer.md, "Whiteouts".
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	// aufsPrefix begins the names of AUFS's own bookkeeping, such as .wh..wh.plnk, which is no part of an image.
	aufsPrefix = ".wh..wh."
)

// clean brings a path of the stream into the form of Entry.Path. A path that leads out of the root is refused, since
// some runtimes refuse it and others contain it.
func clean(name string) (string, error) {
	if strings.Contains(name, "\x00") {
		return "", malformed("path %.200q holds a NUL", name)
	}
	name = path.Clean(strings.TrimLeft(name, "/"))
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", malformed("path %.200q leads out of the image", name)
	}
	return name, nil
}

// place tells what a clean path means: where it is, and whether it deletes something there. The kind is zero where the
// entry is what its header says, and the place is empty for what is no part of an image.
func place(name string) (at string, kind Kind, err error) {
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	switch {
	case base == opaqueName && !marked(dir):
		return dir, Opaque, nil
	case hasAUFS(name):
		return "", 0, nil
	case marked(dir):
		return "", 0, malformed("%.200q is below a whiteout", name)
	case !strings.HasPrefix(base, whiteoutPrefix):
		return name, 0, nil
	}
	base = strings.TrimPrefix(base, whiteoutPrefix)
	if base == "" || base == "." || base == ".." {
		return "", 0, malformed("%.200q deletes nothing that can be named", name)
	}
	return path.Join(dir, base), Whiteout, nil
}

// marked reports whether any part of a path is a whiteout's name.
func marked(name string) bool {
	return strings.HasPrefix(name, whiteoutPrefix) || strings.Contains(name, "/"+whiteoutPrefix)
}

func hasAUFS(name string) bool {
	return strings.HasPrefix(name, aufsPrefix) || strings.Contains(name, "/"+aufsPrefix)
}
